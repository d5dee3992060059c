import { t } from '../i18n';

/** Why a version has its number, or why it moved: what the server writes in English, in the reader's language. */
export function reasonWords(reason: string): string {
  const [, bump, rest = reason] = /^(patch|minor|major): (.*)$/s.exec(reason) ?? [];
  const words = rest.split('; ').map(partWords).join('; ');
  switch (bump) {
    case 'patch':
      return t('reason.patch', { words });
    case 'minor':
      return t('reason.minor', { words });
    case 'major':
      return t('reason.major', { words });
    default:
      return words;
  }
}

/** One reason of several; what is not known stays as it stands, such as what a person wrote. */
function partWords(part: string): string {
  if (part === 'the first version') return t('reason.first');
  if (part === 'trained again, made of the same') return t('reason.again');
  if (part === 'by an MLflow client') return t('reason.client');
  const moved = /^version (\d+) came to (None|Staging|Production|Archived)$/.exec(part);
  if (moved) return t('reason.moved', { version: moved[1] ?? '', stage: stageOf(moved[2] ?? '') });
  const architecture = /^another architecture, (.*) instead of (.*)$/s.exec(part);
  if (architecture) return t('reason.architecture', { now: architecture[1] ?? '', before: architecture[2] ?? '' });
  const told = /^(other parameters|other inputs|new features|features that went or changed): (.*)$/s.exec(part);
  const what = told?.[2] ?? '';
  switch (told?.[1]) {
    case 'other parameters':
      return t('reason.parameters', { what });
    case 'other inputs':
      return t('reason.inputs', { what });
    case 'new features':
      return t('reason.features.new', { what });
    case 'features that went or changed':
      return t('reason.features.gone', { what });
    default:
      return part;
  }
}

function stageOf(stage: string): string {
  switch (stage) {
    case 'Staging':
      return t('models.stage.staging');
    case 'Production':
      return t('models.stage.production');
    case 'Archived':
      return t('models.stage.archived');
    default:
      return t('models.stage.none');
  }
}
