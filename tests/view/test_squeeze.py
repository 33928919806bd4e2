"""A program that was squeezed is the same but for names: Node's own parser reads both alike."""

import subprocess
from pathlib import Path

import pytest

from explorer.view.bundle import FOLDER, program
from explorer.view.squeeze import squeeze

SAME = Path(__file__).with_name("same_program.cjs")
TRICKY = """// a comment
const a = `x  ${ [1,  2].map((k) => `${ k } // ${ "}" }`) }  /* kept */`; /* gone
*/ const b = "//  ' " + 'it\\'s  "' + a
const e = { a: 1 }; const g = [() => { h = 2; let z = 1; let y = 2 }]; h = 1; let h
for (const k of g) k(); const i = 1; export const j = 1; const l = 2; const m = 3
const under = 1, over = (deep) => ({ under, deep, far: over, near() { return under } })
let { wide, tall: high = under } = over; const label = 2; over(label, `${ under }`)
const length2 = [label, high], width = over.width; function* walk() { yield* walk(width) }
const c = /[/"'`]  \\/ /g.test(b) ? 4 / 2 / 1 : + +1 - -1
let d = c
d++
!d && d
;[a, b].forEach((x) => { d += x.length / 2 })
function f(x) { return /\\s/.test(x) ? x : { x } }
export { f, typeof_ }; const typeof_ = typeof f
"""


PROGRAMS = {
    **{path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))},
    "all of them": program(),
    "a tricky one": TRICKY,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_squeezing_leaves_the_program_as_it_is(node, tmp_path, name):
    whole = PROGRAMS[name]
    before, after = tmp_path / "before.mjs", tmp_path / "after.mjs"
    before.write_text(whole)
    after.write_text(squeeze(whole))
    assert len(after.read_bytes()) < len(before.read_bytes())
    done = subprocess.run(
        [node, "--expose-internals", SAME, before, after],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_strings_and_templates_keep_their_spaces():
    assert squeeze("a = `x  ${ b }  y` + '  '; // c") == "a=`x  ${b}  y`+'  ';\n"


def test_a_line_break_that_ends_a_statement_stays():
    assert squeeze("i++\n  j = 1\n") == "i++\nj=1\n"


def test_parameters_are_renamed_and_what_a_call_is_given_is_not():
    assert squeeze("const f = (first, other = 1) => call(document, first);") == (
        "let f=(a,other=1)=>call(document,a);\n".replace("other", "b")
    )


def test_what_others_ask_for_keeps_its_name():
    assert (
        squeeze("const rows = given.rows; const many = rows.length")
        == "let a=given.rows,b=a.length\n"
    )
    assert (
        squeeze("export const limit = 1; const other = limit;")
        == "export let limit=1;let a=limit;\n"
    )


def test_a_name_that_is_also_a_key_becomes_its_value():
    assert (
        squeeze(
            "const sample = 1; const { group = sample } = f({ sample, ...sample, g: [sample] })"
        )
        == "let a=1,{group=a}=f({sample:a,...a,g:[a]})\n"
    )
