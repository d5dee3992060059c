// The filter language, as much of it as the stand-in needs.

export function matches(filter, valueOf) {
  const words = filter.match(/'(?:[^']|'')*'|"[^"]*"|[\w.\-/]*[`"][^`"]*[`"]|[<>!=]+|[(),]|[^\s(),<>!=']+/g) ?? [];
  let i = 0;
  const low = () => words[i]?.toLowerCase();
  const either = () => {
    let is = both();
    while (low() === 'or') {
      i++;
      is = both() || is;
    }
    return is;
  };
  const both = () => {
    let is = one();
    while (low() === 'and') {
      i++;
      is = one() && is;
    }
    return is;
  };
  const one = () => {
    if (low() === 'not') {
      i++;
      return !one();
    }
    if (words[i] === '(') {
      i++;
      const is = either();
      if (words[i++] !== ')') throw new Error('a closing parenthesis is missing');
      return is;
    }
    const value = valueOf(words[i++]);
    let op = words[i++]?.toLowerCase();
    const negated = op === 'not';
    if (negated) op = words[i++]?.toLowerCase();
    if (op === 'in') {
      const list = [];
      i++;
      while (words[i] !== ')' && i < words.length) {
        if (words[i] !== ',') list.push(bare(words[i]));
        i++;
      }
      i++;
      return list.some((each) => same(value, each)) !== negated;
    }
    return compare(value, op, bare(words[i++]));
  };
  return either();
}

const bare = (word = '') => (/^['"]/.test(word) ? word.slice(1, -1).replaceAll("''", "'") : word);
const same = (value, wanted) => value !== undefined && (String(value) === wanted || (typeof value === 'number' && value === Number(wanted)));

function compare(value, op, wanted) {
  if (value === undefined || value === null) return false;
  switch (op) {
    case '=':
      return same(value, wanted);
    case '!=':
      return !same(value, wanted);
    case 'like':
    case 'ilike': {
      const pattern = wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '.*').replaceAll('_', '.');
      return new RegExp(`^${pattern}$`, op === 'ilike' ? 'is' : 's').test(String(value));
    }
    case '>':
      return Number(value) > Number(wanted);
    case '>=':
      return Number(value) >= Number(wanted);
    case '<':
      return Number(value) < Number(wanted);
    case '<=':
      return Number(value) <= Number(wanted);
    default:
      throw new Error(`'${op}' is no operator`);
  }
}
