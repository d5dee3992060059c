import { expect, it } from 'vitest';
import { sources } from './helpers';

it('no source uses what the security policy refuses', () => {
  for (const [path, text] of Object.entries(sources)) {
    expect(text, path).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(/);
    expect(text, path).not.toMatch(/\bstyle="|https?:\/\//);
  }
});
