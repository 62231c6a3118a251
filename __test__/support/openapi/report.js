'use strict';

const path = require('node:path');

const { EXCEPTIONS } = require('./exceptions.js');

const ROOT = path.join(__dirname, '..', '..', '..');
const MAX_FILES = 3;

/**
 * Returns what a check says of recorded requests, as text for people.
 * @param {import('./check.js').OpenApiCheck} check
 * @param {{ test: string }[]} requests
 * @returns {{ text: string, hasFailed: boolean }}
 */
function reportOf(check, requests, exceptions = EXCEPTIONS) {
  const found = new Map();
  const counts = { checked: 0, excepted: 0, elsewhere: 0 };
  for (const request of requests) {
    const problems = check.problemsOf(request);
    if (problems === null) {
      counts.elsewhere += 1;
      continue;
    }
    counts.checked += 1;
    const file = path.relative(ROOT, request.test);
    for (const problem of problems) {
      if (exceptions.some((one) => isExcepted(one, problem, file))) counts.excepted += 1;
      else found.set(problem, (found.get(problem) ?? new Map()).set(file, (found.get(problem)?.get(file) ?? 0) + 1));
    }
  }
  const lines = [...found].sort().map(([problem, files]) => {
    const named = [...files].slice(0, MAX_FILES).map(([file, count]) => `${file || 'another process'} (${count})`);
    const more = files.size > MAX_FILES ? ` and ${files.size - MAX_FILES} more files` : '';
    return `  ${problem}\n    in ${named.join(', ')}${more}`;
  });
  const { checked, excepted, elsewhere } = counts;
  const total = `OpenAPI: ${checked} requests checked, ${found.size} problems; ${excepted} that are known, ${elsewhere} requests to other addresses.`;
  return { text: [...(lines.length > 0 ? ['Requests that are not in the OpenAPI file:', ...lines] : []), total].join('\n'), hasFailed: found.size > 0 };
}

function isExcepted({ problem, file }, text, from) {
  return (problem === undefined || problem.test(text)) && (file === undefined || file.test(from));
}

module.exports = { reportOf };
