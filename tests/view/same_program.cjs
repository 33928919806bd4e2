// Fails unless two programs are the same but for the names of variables and functions, and for
// declarations that stand together in one of them: same_program.cjs BEFORE AFTER.

const acorn = require("internal/deps/acorn/acorn/dist/acorn");
const { readFileSync } = require("fs");

const options = { ecmaVersion: "latest", sourceType: "module" };
const STAYS = { MemberExpression: "property", Property: "key", ExportSpecifier: "local", ImportSpecifier: "imported" };
const names = new Map(); // before -> after
const declared = new Set();

function single(nodes) {
  const one = (node) => (declaration) => ({ ...node, declarations: [declaration] });
  return nodes.flatMap((node) => (node?.type === "VariableDeclaration" ? node.declarations.map(one(node)) : [node]));
}

function wrong(a, b) {
  throw new Error(`another program: ${JSON.stringify(a)} is ${JSON.stringify(b)}`);
}

function same(a, b, stays) {
  if (Array.isArray(a)) {
    const [before, after] = [single(a), single(b)];
    if (before.length !== after.length) wrong(a, b);
    before.forEach((one, k) => same(one, after[k]));
  } else if (a === null || typeof a !== "object" || a instanceof RegExp) {
    if (String(a) !== String(b)) wrong(a, b);
  } else if (a.type === "Identifier") {
    const known = stays ? a.name : (names.get(a.name) ?? b.name);
    if (b.type !== a.type || b.name !== known) wrong(a, b);
    if (!stays) names.set(a.name, b.name);
  } else {
    if (/^(VariableDeclarator|FunctionDeclaration)$/.test(a.type)) declared.add(a.id.name);
    for (const given of a.params ?? []) declared.add((given.left ?? given).name);
    for (const key of Object.keys(a)) {
      if (["start", "end", "raw", "shorthand"].includes(key) || (key === "kind" && b.kind === "let" && a.kind === "const")) continue;
      same(a[key], b[key], STAYS[a.type] === key && !a.computed);
    }
  }
}

same(...process.argv.slice(2).map((path) => acorn.parse(readFileSync(path, "utf8"), options)));
for (const [before, after] of names) {
  if (before !== after && (names.has(after) || !declared.has(before))) wrong(before, after);
}
if (new Set(names.values()).size !== names.size) throw new Error("two names became one");
