import { learn, t } from '../i18n';
import en from '../i18n/shell.en.json';
import ko from '../i18n/shell.ko.json';
import { Dialog } from '../parts/dialog';
import { overlay } from '../state';

learn(en, ko);

/** The keys, by where they work. */
export default function Help() {
  const groups: { title: string; keys: [string[], string][] }[] = [
    {
      title: t('help.everywhere'),
      keys: [
        [['Ctrl', 'K'], t('help.search')],
        [['g', 'o'], t('help.go.overview')],
        [['g', 'r'], t('help.go.runs')],
        [['g', 'm'], t('help.go.models')],
        [['g', 'd'], t('help.go.deployments')],
        [['?'], t('help.help')],
        [['Esc'], t('help.close')],
      ],
    },
    {
      title: t('help.table'),
      keys: [
        [['/'], t('help.filter')],
        [['j'], t('help.down')],
        [['k'], t('help.up')],
        [['x'], t('help.select')],
        [['Shift', 'x'], t('help.range')],
        [['Enter'], t('help.open')],
        [['c'], t('help.compare')],
        [['e'], t('help.expand')],
      ],
    },
  ];
  return (
    <Dialog title={t('help.title')} class="help" onClose={() => (overlay.value = null)}>
      <div class="help-groups">
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={what}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
