'use strict';

/** Replacements for the value of a field, of every JSON kind. */
const OTHER_KINDS = [null, 7, -1.5, true, false, '', 's', [], {}, [null, 3], [{}]];

/**
 * Returns copies of `value` that each differ from it in one place, at any depth: a field is removed, a field has a value
 * of another kind, or an unknown field is added.
 */
function mutations(value) {
  if (Array.isArray(value)) return value.flatMap((item, at) => mutations(item).map((changed) => value.with(at, changed)));
  if (value === null || typeof value !== 'object') return [];
  const fields = Object.entries(value).flatMap(([name, inner]) => {
    const { [name]: _, ...without } = value;
    return [without, ...[...OTHER_KINDS, ...mutations(inner)].map((changed) => ({ ...value, [name]: changed }))];
  });
  return [{ ...value, never_heard_of: { deep: [1, null] } }, ...fields];
}

/** Calls `work(mutation, index)` for each mutation, 8 at a time. The error of a failure names its mutation. */
async function withEach(all, work) {
  let next = 0;
  const lane = async () => {
    for (let at = next; at < all.length; at = next) {
      next += 1;
      await Promise.resolve(work(all[at], at)).catch((cause) => { throw new Error(JSON.stringify(all[at]), { cause }); });
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

module.exports.mutations = mutations;
module.exports.withEach = withEach;
