'use strict';

// Reads from a question what the arguments of a tool are usually made of. It knows no language beyond English, and no world:
// a word with a capital letter may be a place or a person, and the words around it decide.

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const MONTH = `(?:${MONTHS.map((month) => `${month.slice(0, 3)}(?:${month.slice(3)})?`).join('|')})`;
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
/** `2027-06-05`, `June 5th, 2027`, `5 June 2027`, `tomorrow`. */
const DATES = new RegExp([
  '\\b(\\d{4})-(\\d{2})-(\\d{2})\\b',
  `\\b(${MONTH})\\.? ${DAY}(?:,? (\\d{4}))?\\b`,
  `\\b${DAY}(?: of)? (${MONTH})\\.?(?:,? (\\d{4}))?\\b`,
  '\\b(today|tomorrow|yesterday)\\b',
].join('|'), 'gi');
const TIMES = /\b(\d{1,2}):(\d{2})(?:\s*([ap])\.?m\.?)?\b|\b(\d{1,2})\s*([ap])\.?m\b/gi;
const EMAILS = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const URLS = /https?:\/\/[^\s"'<>)]*[^\s"'<>).,;:!?]/g;
const QUOTED = /"([^"]+)"|“([^”]+)”|(?<![\p{L}\d])'([^']+)'(?![\p{L}\d])|`([^`]+)`/gu;
const SUMS = /(?<![\w.])\(*-?\d[\d.]*(?:\s*[-+*/^×÷%]\s*\(*-?\d[\d.]*\)*)+/g;
const CODES = /\b(?=[A-Za-z-]*\d)[A-Za-z]+[-_]?\d[\w-]*\b|#\d+/g;
const CURRENCIES = /\b(?:USD|EUR|GBP|JPY|CHF|CAD|AUD|CNY|INR|BRL|SEK|NOK|DKK|PLN|CZK|MXN|KRW|NZD)\b/g;
const NUMBERS = /(?<![\w.,])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])-?\d+(?:\.\d+)?/g;
const NUMBER_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const SPOKEN_NUMBERS = new RegExp(`\\b(${NUMBER_WORDS.slice(1).join('|')})\\b(?= \\p{L})`, 'giu');

const NAMES = /\p{Lu}[\p{L}\p{M}'’.-]*(?: (?:(?:de|da|do|del|la|le|di|van|von|of|the) )?\p{Lu}[\p{L}\p{M}'’.-]*)*/gu;
/** Words that begin a sentence with a capital letter, and abbreviations, none of which is a name. */
const NO_NAMES = new Set([
  ...MONTHS,
  ...'a add also am an and api are ask at book both buy calculate call can celsius check compare compute convert could'.split(' '),
  ...'create delete describe did do does email eur explain extract fahrenheit fetch find for friday from gbp get give'.split(' '),
  ...'good hello here hey hi how html i if in is iso it json kelvin let list look make may me monday my no now of ok'.split(' '),
  ...'on open or order our plan play please pm read remind remove reserve saturday say schedule search send set should'.split(' '),
  ...'show sql start stop summarise summarize sunday tell thank thanks that the then there these this those thursday'.split(' '),
  ...'to today tomorrow translate tuesday turn update url usd use utc was weather wednesday were what when where which'.split(' '),
  ...'who whom whose why will with would write yes yesterday you your'.split(' '),
]);
const BEFORE_PLACES = new Set(
  'in at to from near around between of for into visit like is versus vs towards leaving'.split(' '));
/** What follows the first word of "Hotels in Tokyo", which is no name. */
const HEADING = /^ (?:in|for|from|near|at|about)\b/;
/** Places in small letters, which count only in a question without names. */
const NO_PLACES = 'the|a|an|my|our|me|us|you|it|this|that|all|each|any|case|order|celsius|fahrenheit|english|euros|dollars';
const LOWER_PLACES = new RegExp(
  `\\b(?:in|at|near|from|to|for) ((?!(?:${NO_PLACES})\\b)\\p{Ll}{3,})(?:(?:,| and| or) (\\p{Ll}{3,})\\b)?`, 'gu');
/** Only the beginning of a long prompt is read, because some of the patterns take time that grows with the square of a text. */
const READ_CHARS = 4000;

/** Returns what a question contains: `places`, `names`, `numbers` and so on, each in the order of the text. */
function readQuestion(text) {
  const whole = text.slice(0, READ_CHARS).trim();
  let rest = whole;
  /** Finds all matches, and blanks them, so that the digits of a date are not numbers as well. */
  const take = (pattern, read = ([match]) => match) => {
    const found = [...rest.matchAll(pattern)];
    rest = rest.replace(pattern, (match) => ' '.repeat(match.length));
    return found.map(read).filter((value) => value !== undefined);
  };
  const quoted = take(QUOTED, (match) => match.slice(1).find(Boolean));
  const urls = take(URLS);
  const emails = take(EMAILS);
  const dates = take(DATES, dateIn);
  const times = take(TIMES, timeIn);
  const codes = take(CODES);
  const currencies = take(CURRENCIES);
  const sums = [...rest.matchAll(SUMS)].map(([match]) => match.trim());
  const numbers = numbersIn(rest);
  const found = namesIn(rest);
  const names = found.map(({ name }) => name);
  const afterPlaceWord = found.filter(({ isPlace }) => isPlace).map(({ name }) => name);
  const lower = [...rest.matchAll(LOWER_PLACES)].flatMap(([, one, other]) => [one, other]).filter(Boolean).map(capital);
  const places = [afterPlaceWord, names, lower].find((list) => list.length > 0) ?? [];
  return {
    text: whole,
    quoted,
    urls,
    emails,
    dates,
    times,
    codes,
    currencies,
    sums,
    numbers,
    names,
    places,
    people: names.filter((name) => !afterPlaceWord.includes(name)),
    from: found.filter(({ before }) => before === 'from').map(({ name }) => name),
    to: found.filter(({ before }) => ['to', 'into'].includes(before)).map(({ name }) => name),
    topic: /\b(?:about|regarding) ([^.?!,]+)/i.exec(whole)?.[1].trim(),
  };
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** An ISO date, of this year where the text names none. `today` and the like stay as they are. */
function dateIn([, year, month, day, named, dayAfter, yearAfter, dayBefore, namedAfter, yearLast, word]) {
  if (word) return word.toLowerCase();
  if (year) return `${year}-${month}-${day}`;
  const number = MONTHS.findIndex((one) => one.startsWith((named ?? namedAfter).slice(0, 3).toLowerCase())) + 1;
  const two = (value) => String(value).padStart(2, '0');
  return `${yearAfter ?? yearLast ?? new Date().getFullYear()}-${two(number)}-${two(dayAfter ?? dayBefore)}`;
}

function timeIn([, hour, minute, half, hourOnly, halfOnly]) {
  const late = (half ?? halfOnly)?.toLowerCase() === 'p' ? 12 : 0;
  const hours = ((Number(hour ?? hourOnly) % (half ?? halfOnly ? 12 : 24)) + late) % 24;
  return `${String(hours).padStart(2, '0')}:${minute ?? '00'}`;
}

/** The numbers, in digits and words, each with the words around it. */
function numbersIn(text) {
  const digits = [...text.matchAll(NUMBERS)].map((match) => ({ match, value: Number(match[0].replace(/,/g, '')) }));
  const spoken = [...text.matchAll(SPOKEN_NUMBERS)].map((match) => ({ match, value: NUMBER_WORDS.indexOf(match[1].toLowerCase()) }));
  return [...digits, ...spoken].sort((a, b) => a.match.index - b.match.index).map(({ match, value }) => ({
    value,
    before: text.slice(0, match.index).toLowerCase().match(/\p{L}+/gu)?.slice(-3) ?? [],
    after: text.slice(match.index + match[0].length).toLowerCase().match(/^[^.?!,]*/)[0].match(/\p{L}+/gu)?.slice(0, 2) ?? [],
  }));
}

/** The runs of words with capital letters, each with the word before it. `isPlace`: that word usually stands before a place. */
function namesIn(text) {
  const found = [];
  for (const match of text.matchAll(NAMES)) {
    const words = match[0].replace(/['’]s\b/g, '').replace(/[.'’-]+$/, '').split(' ');
    let start = match.index;
    while (words.length > 0 && NO_NAMES.has(words[0].toLowerCase().replace(/['’].*$/, ''))) start += words.shift().length + 1;
    while (words.length > 0 && NO_NAMES.has(words.at(-1).toLowerCase())) words.pop();
    if (words.length === 0 || (start === 0 && words.length === 1 && HEADING.test(text.slice(words[0].length)))) continue;
    const before = /(\p{L}+|[,&])\s*$/u.exec(text.slice(0, start))?.[1].toLowerCase();
    const follows = ['and', 'or', ',', '&'].includes(before) ? found.at(-1)?.isPlace : undefined;
    found.push({ name: words.join(' '), before, isPlace: follows ?? BEFORE_PLACES.has(before), end: start + words.join(' ').length, start });
  }
  return joinCountries(found, text);
}

/** Joins a place with what follows after a comma, as in "Paris, France", unless it is a list of more. */
function joinCountries(found, text) {
  const joined = [];
  for (const [at, one] of found.entries()) {
    const last = joined.at(-1);
    const isPair = last && text.slice(last.end, one.start) === ', ' && !/^,? (?:and|or|&) \p{Lu}|^, \p{Lu}/u.test(text.slice(one.end));
    if (isPair && found[at - 1] === last) joined[joined.length - 1] = { ...last, name: `${last.name}, ${one.name}` };
    else joined.push(one);
  }
  return joined;
}

module.exports.readQuestion = readQuestion;
