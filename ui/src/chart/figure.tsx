import { useEffect, useRef, useState } from 'preact/hooks';
import { t, language } from '../i18n';
import { dark } from '../state';
import type { Line, Lines, LinesSettings } from './lines';

/** Lines in their frame. uPlot is loaded when the first is drawn; a chart outside the window waits until it is near. */
export function LinesFigure(props: { label: string; lines: readonly Line[]; settings: Omit<LinesSettings, 'lang'> }) {
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<Lines | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [near, setNear] = useState(false);
  const { axis, logX, logY, height, sync } = props.settings;
  const lang = language.value;
  const night = dark.value;

  useEffect(() => {
    const watcher = new IntersectionObserver(
      (seen) => {
        if (seen.some((s) => s.isIntersecting)) {
          setNear(true);
          watcher.disconnect();
        }
      },
      { rootMargin: '300px' },
    );
    if (host.current) watcher.observe(host.current);
    return () => watcher.disconnect();
  }, []);

  useEffect(() => {
    if (!near) return;
    let gone = false;
    void import('./lines').then(({ lines }) => {
      if (gone || !host.current) return;
      drawn.current = lines(host.current, latest.current.lines, {
        lang,
        axis,
        logX,
        logY,
        height,
        ...(sync ? { sync } : {}),
        onPlace: (x) => latest.current.settings.onPlace?.(x),
        onZoom: (range) => latest.current.settings.onZoom?.(range),
      });
    });
    return () => {
      gone = true;
      drawn.current?.destroy();
      drawn.current = null;
    };
  }, [near, lang, night, axis, logX, logY, height, sync]);

  useEffect(() => drawn.current?.update(props.lines), [props.lines]);

  return <div class="lines-host" ref={host} role="img" aria-label={`${props.label}. ${t('chart.hint')}`} style={{ minBlockSize: `${height}px` }} />;
}
