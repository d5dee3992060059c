import { useEffect, useState } from 'preact/hooks';
import { learn, t } from '../i18n';
import en from '../i18n/runs.en.json';
import ko from '../i18n/runs.ko.json';
import { Refused } from '../parts/refused';
import { Refusal } from '../server';
import { titled } from '../state';
import '../style/grid.css';
import { Empty } from './empty';
import { FilterBox } from './filterbox';
import { Grid } from './grid';
import { again, refusal, rows, start } from './state';
import { ColumnPicker, Count, GroupPicker, More, Scope, Selection } from './tools';

learn(en, ko);

const NARROW = '(max-width: 40rem)';

/** The runs, 10,000 and more of them. */
export default function Runs() {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(start, []);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const heard = () => setNarrow(media.matches);
    media.addEventListener('change', heard);
    return () => media.removeEventListener('change', heard);
  }, []);
  titled.value = t('runs.title');
  const now = rows.value;
  const refused = refusal.value;
  const told = refused instanceof Refusal && refused.status < 500 && now !== null;
  const none = now !== null && now.pager.started && now.pager.length === 0 && now.pager.error === null;
  return (
    <div class="runs">
      <div class="runs-head">
        <h1>{t('runs.title')}</h1>
        <Scope />
        <Count />
      </div>
      <div class="runs-tools">
        <FilterBox />
        <div class="runs-buttons">
          <GroupPicker />
          <ColumnPicker />
          <More />
        </div>
      </div>
      {refused !== null && !told && <Refused error={refused} onRetry={again} />}
      <div class="grid-frame">
        {none ? <Empty /> : <Grid narrow={narrow} />}
        <Selection />
      </div>
    </div>
  );
}
