import { formatShare } from '../format';
import { language, t } from '../i18n';
import { SignGlyph, STAGE_SIGN, StageGlyph, StageIcon, State } from '../parts/icons';
import { Time } from '../parts/bits';
import { champion, loopState } from './derive';
import type { Overview, Stage, Version } from './types';
import { loopSentence, stageName, stateWord, versionWord } from './words';

/**
 * The loop as an orrery: the champion in the middle, the versions beside it on inner orbits, the eight stages as
 * planets on the outer one. The picture is for the eye; the list beside it says the same in words.
 */

const W = 520;
const H = 480;
const CX = W / 2;
const CY = H / 2;
const R = 198;
const OUTER = Math.sqrt(R * R - 180 * 180);
const INNER = Math.sqrt(R * R - 60 * 60);

/** Clockwise from the upper left; the rows are the quarters of the height, so that the labels stand beside. */
const PLACES: readonly (readonly [number, number])[] = [
  [CX - OUTER, 60],
  [CX + OUTER, 60],
  [CX + INNER, 180],
  [CX + INNER, 300],
  [CX + OUTER, 420],
  [CX - OUTER, 420],
  [CX - INNER, 300],
  [CX - INNER, 180],
];

export function Loop({ overview }: { overview: Overview }) {
  const { stages } = overview;
  const state = loopState(stages.map((s) => s.state));
  const named = stages.filter((s) => s.state === state).map((s) => stageName(s.id));
  return (
    <section class="loop" aria-labelledby="loop-title">
      <h2 id="loop-title" class="hidden">
        {t('loop.title')}
      </h2>
      <div class="loop-plate">
        <Picture overview={overview} turning={state === 'running'} />
        <ol class="loop-stages">
          {stages.map((stage) => (
            <StageLabel key={stage.id} stage={stage} />
          ))}
        </ol>
      </div>
      <p class="loop-sentence">{loopSentence(state, named.join(', '))}</p>
    </section>
  );
}

function StageLabel({ stage }: { stage: Stage }) {
  return (
    <li class={`stage stage-${stage.id} is-${stage.state}`}>
      <span class="stage-badge">
        <StageIcon id={stage.id} />
      </span>
      <div class="stage-words">
        <h3>{stageName(stage.id)}</h3>
        <State sign={STAGE_SIGN[stage.state]} word={stateWord(stage.state)} />
        {stage.detail && (
          <p class="stage-detail" lang="en">
            {stage.detail}
          </p>
        )}
        {stage.at && (
          <p class="stage-at">
            <Time at={stage.at} short />
          </p>
        )}
      </div>
    </li>
  );
}

function Picture({ overview, turning }: { overview: Overview; turning: boolean }) {
  const { stages } = overview;
  const canaries = overview.versions.filter((v) => v.state === 'canary');
  const shadows = overview.versions.filter((v) => v.state === 'shadow');
  return (
    <svg class={`orrery ${turning ? 'turning' : ''}`} viewBox={`0 0 ${W} ${H}`} aria-hidden="true">
      <Ticks />
      <circle class="orbit faint" cx={CX} cy={CY} r={INNER_ORBITS[0]} />
      <circle class="orbit faint" cx={CX} cy={CY} r={INNER_ORBITS[1]} />
      {stages.map((stage, i) => (
        <Arm key={stage.id} stage={stage} i={i} />
      ))}
      {stages.map((stage, i) => (
        <Path key={stage.id} from={stage} to={stages[(i + 1) % stages.length]} i={i} />
      ))}
      <g class="traveller">
        <circle class="halo" cx={CX} cy={CY - R} r="9" />
        <circle cx={CX} cy={CY - R} r="4" />
      </g>
      <Sun overview={overview} />
      {canaries.slice(0, 1).map((version) => (
        <Moon key={version.version} version={version} i={0} />
      ))}
      {shadows.slice(0, SHADOW_ANGLES.length).map((version, i) => (
        <Moon key={version.version} version={version} i={i} />
      ))}
      {stages.map((stage, i) => (
        <Planet key={stage.id} stage={stage} i={i} />
      ))}
    </svg>
  );
}

const INNER_ORBITS = [94, 134] as const;

/** Between the arms, where a label has room. */
const SHADOW_ANGLES = [1.57, 2.41, 0.73] as const;

/** The graduated rim, as engraved on an instrument. */
const RIM = Array.from({ length: 120 }, (_, i) => {
  const a = (i * Math.PI) / 60;
  const from = 223;
  const to = from + (i % 15 === 0 ? 9 : i % 5 === 0 ? 6 : 3);
  return [from, to].map((r) => `${(CX + r * Math.cos(a)).toFixed(1)} ${(CY + r * Math.sin(a)).toFixed(1)}`).join('L');
});

function Ticks() {
  return <path class="rim" d={RIM.map((tick) => `M${tick}`).join('')} />;
}

function place(i: number): readonly [number, number] {
  return PLACES[i] ?? [CX, CY];
}

function Arm({ stage, i }: { stage: Stage; i: number }) {
  const [x, y] = place(i);
  const edge = x < CX ? 0 : W;
  return (
    <>
      <line class={`arm is-${stage.state}`} x1={CX} y1={CY} x2={x} y2={y} />
      <line class="leader" x1={x < CX ? x - 30 : x + 30} y1={y} x2={edge} y2={y} />
    </>
  );
}

/** The stretch of the orbit from one stage to the next: drawn full once the loop has passed it. */
function Path({ from, to, i }: { from: Stage; to: Stage | undefined; i: number }) {
  const [x1, y1] = place(i);
  const [x2, y2] = place((i + 1) % PLACES.length);
  const passed = from.state === 'ok' && to !== undefined && to.state !== 'waiting' && to.state !== 'unknown';
  const middle = Math.atan2((y1 + y2) / 2 - CY, (x1 + x2) / 2 - CX);
  const x = CX + R * Math.cos(middle);
  const y = CY + R * Math.sin(middle);
  const turn = (middle * 180) / Math.PI + 90;
  return (
    <g class={`path ${passed ? 'passed' : ''}`}>
      <path d={`M${x1} ${y1}A${R} ${R} 0 0 1 ${x2} ${y2}`} />
      <path
        class="arrow"
        d="M-3.5-4.5 3 0-3.5 4.5"
        transform={`translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)})`}
      />
    </g>
  );
}

function Planet({ stage, i }: { stage: Stage; i: number }) {
  const [x, y] = place(i);
  return (
    <g class={`planet is-${stage.state}`} transform={`translate(${x.toFixed(1)} ${y})`}>
      <circle class="planet-ground" r="27" />
      <circle class="planet-body" r="24" />
      <circle class="planet-ring" r="24" />
      <g transform="translate(-12 -12)">
        <StageGlyph id={stage.id} />
      </g>
      <g class={`sign sign-${STAGE_SIGN[stage.state]}`} transform="translate(10 8)">
        <circle class="sign-rim" cx="8" cy="8" r="9.5" />
        <SignGlyph sign={STAGE_SIGN[stage.state]} />
      </g>
    </g>
  );
}

/** Teeth of the wheel around the sun. */
const GEAR = (() => {
  const teeth = 36;
  const points: string[] = [];
  for (let i = 0; i < teeth; i++) {
    for (const [part, r] of [
      [0, 56],
      [0.3, 56],
      [0.4, 60],
      [0.7, 60],
      [0.8, 56],
    ] as const) {
      const a = ((i + part) / teeth) * 2 * Math.PI;
      points.push(`${(r * Math.cos(a)).toFixed(2)} ${(r * Math.sin(a)).toFixed(2)}`);
    }
  }
  return `M${points.join('L')}Z`;
})();

function Sun({ overview }: { overview: Overview }) {
  const version = champion(overview);
  return (
    <g class={`sun ${version ? '' : 'none'}`} transform={`translate(${CX} ${CY})`}>
      <circle class="sun-glow" r="84" />
      <circle class="sun-glow" r="70" />
      <path class="gear" d={GEAR} />
      <circle class="sun-body" r="48" />
      {version ? (
        <>
          <text class={`sun-version ${version.version.length > 7 ? 'long' : ''}`} y="3">
            {shortened(version.version)}
          </text>
          <text class="sun-word" y="21">
            {versionWord('champion')}
          </text>
        </>
      ) : (
        <text class="sun-word" y="4">
          {t('loop.centre.none')}
        </text>
      )}
    </g>
  );
}

/** A name that fits on the sun; the versions below say it in full. */
function shortened(version: string): string {
  return version.length > 11 ? `${version.slice(0, 10)}…` : version;
}

/** Where versions beside the champion stand: a canary near, a shadow far. */
function Moon({ version, i }: { version: Version; i: number }) {
  const canary = version.state === 'canary';
  const angle = canary ? -0.76 : (SHADOW_ANGLES[i % SHADOW_ANGLES.length] ?? 0);
  const r = canary ? INNER_ORBITS[0] : INNER_ORBITS[1];
  const x = CX + r * Math.cos(angle);
  const y = CY + r * Math.sin(angle);
  const traffic = version.traffic;
  const words = versionWord(version.state) + (canary && traffic !== null ? ` ${formatShare(traffic, language.value)}` : '');
  return (
    <g class={`moon moon-${version.state}`} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
      <circle r={canary ? 8 + 6 * Math.sqrt(traffic ?? 0) : 8} />
      {canary ? (
        <>
          <text class="moon-version" x="18" y="-2">
            {shortened(version.version)}
          </text>
          <text class="moon-word" x="18" y="12">
            {words}
          </text>
        </>
      ) : (
        <text class="moon-word middle" y="23">
          {shortened(version.version)} · {words}
        </text>
      )}
    </g>
  );
}
