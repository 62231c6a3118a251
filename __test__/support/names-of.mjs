// Prints the names that `import` finds in the entry of the package that is this program's argument, as JSON.
const [, , entry] = process.argv;
console.log(JSON.stringify(Object.keys(await import(entry))));
