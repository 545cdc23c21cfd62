import { describe, expect, it } from 'vitest'
import { planText } from './trees.ts'
import type { Case } from './trees.ts'

/** One row per rule. The names of rclone's fs/sync/sync_test.go served as the checklist. */
const cases: readonly Case[] = [
  // New, equal and changed files.
  { name: 'plans nothing for two empty folders', source: [], target: [], plan: [] },
  {
    name: 'copies a file that the target lacks',
    source: ['a.txt 3 @1', 'docs/b.txt 5 @2'],
    target: [],
    plan: ['mkdir docs', 'copy a.txt', 'copy docs/b.txt'],
  },
  {
    name: 'copies again what was deleted on the target',
    source: ['a.txt 3 @1'],
    target: [],
    baseline: ['a.txt 3 @1'],
    plan: ['copy a.txt'],
  },
  {
    name: 'leaves a file alone that is as recorded on both sides',
    source: ['a.txt 3 @1'],
    target: ['a.txt 3 @2'],
    baseline: ['a.txt 3 @1 | 3 @2'],
    plan: [],
  },
  {
    name: 'takes equal size and time for equal at the first meeting',
    source: ['a.txt 3 @1'],
    target: ['a.txt 3 @1.9'],
    plan: ['equal a.txt'],
  },
  {
    name: 'replaces at the first meeting when the times are further apart than the precision',
    source: ['a.txt 3 @1'],
    target: ['a.txt 3 @2.5'],
    plan: ['update a.txt (time)'],
  },
  {
    name: 'reads both at the first meeting when that is cheap and only the times differ',
    source: ['a.txt 3 @1'],
    target: ['a.txt 3 @9'],
    isCheap: true,
    plan: ['check a.txt: sides'],
  },
  {
    name: 'believes no times of a side that keeps none',
    source: ['a.txt 3 @1'],
    target: ['a.txt 3 @1'],
    precisionMs: null,
    plan: ['update a.txt (time)'],
  },
  {
    name: 'replaces when the size of the source has changed',
    source: ['a.txt 4 @1'],
    target: ['a.txt 3 @1'],
    baseline: ['a.txt 3 @1'],
    plan: ['update a.txt (size)'],
  },
  {
    name: 'replaces when only the time of the source has changed, even within the precision',
    source: ['a.txt 3 @1.5'],
    target: ['a.txt 3 @1'],
    baseline: ['a.txt 3 @1'],
    plan: ['update a.txt (time)'],
  },
  {
    name: 'reads a touched source when that is cheap',
    source: ['a.txt 3 @5'],
    target: ['a.txt 3 @1'],
    baseline: ['a.txt 3 @1'],
    isCheap: true,
    plan: ['check a.txt: source'],
  },
  {
    name: 'replaces a target that is newer than the source',
    source: ['a.txt 3 @1'],
    target: ['a.txt 4 @99'],
    baseline: ['a.txt 3 @1'],
    plan: ['update a.txt (target-changed)'],
  },
  {
    name: 'takes over what an interrupted run has copied without recording it',
    source: ['a.txt 4 @5'],
    target: ['a.txt 4 @5'],
    baseline: ['a.txt 3 @1'],
    plan: ['equal a.txt'],
  },
  {
    name: 'forgets what is gone from both sides',
    source: [],
    target: [],
    baseline: ['a.txt 3 @1'],
    plan: ['forget a.txt'],
  },
  // Copy never deletes, mirror does.
  {
    name: 'copy leaves alone what only the target has',
    mode: 'copy',
    source: ['a.txt 3 @1'],
    target: ['a.txt 3 @1', 'b.txt 3 @1', 'old/c.txt 3 @1'],
    plan: ['equal a.txt'],
  },
  {
    name: 'copy replaces what has changed on the target',
    mode: 'copy',
    source: ['a.txt 3 @1'],
    target: ['a.txt 9 @9'],
    baseline: ['a.txt 3 @1'],
    plan: ['update a.txt (target-changed)'],
  },
  {
    name: 'mirror deletes what only the target has, after the copies, folders last and from below',
    source: ['new.txt 3 @1'],
    target: ['old/deep/c.txt 3 @1', 'b.txt 3 @1'],
    plan: ['copy new.txt', 'delete b.txt', 'delete old/deep/c.txt', 'rmdir old/deep', 'rmdir old'],
  },
  {
    name: 'mirror makes and removes empty folders',
    source: ['new/'],
    target: ['old/'],
    plan: ['mkdir new', 'rmdir old'],
  },
  {
    name: 'copy makes empty folders',
    mode: 'copy',
    source: ['new/sub/'],
    target: [],
    plan: ['mkdir new', 'mkdir new/sub'],
  },
  // Another kind under the same name.
  {
    name: 'a file takes the name of a folder: its content is cleared first',
    source: ['x 3 @1'],
    target: ['x/a.txt 3 @1', 'x/sub/b.txt 3 @1'],
    plan: ['delete! x/a.txt', 'delete! x/sub/b.txt', 'rmdir! x/sub', 'rmdir! x', 'copy x'],
  },
  {
    name: 'a folder takes the name of a file, in copy mode too',
    mode: 'copy',
    source: ['x/a.txt 3 @1'],
    target: ['x 3 @1'],
    plan: ['delete! x', 'mkdir x', 'copy x/a.txt'],
  },
  {
    name: 'a folder that holds something out of scope does not make way',
    source: ['x 3 @1'],
    target: ['x/a.txt 3 @1', 'x/keep.tmp 3 @1'],
    filters: ['*.tmp'],
    plan: ['problem x: wrong-kind'],
  },
  {
    name: 'nothing makes way when something could not be read',
    source: ['x 3 @1', 'locked/!'],
    target: ['x/a.txt 3 @1'],
    plan: ['skip locked (unread-folder)', 'problem locked: unread-folder', 'problem x: wrong-kind'],
  },
  // Filters.
  {
    name: 'neither copies nor deletes what a rule filters',
    source: ['a.tmp 3 @1', 'b.txt 3 @1'],
    target: ['c.tmp 3 @1', 'old/d.tmp 3 @1', 'old/e.txt 3 @1'],
    filters: ['*.tmp'],
    plan: ['copy b.txt', 'delete old/e.txt'],
  },
  {
    name: 'takes back with an exclamation mark, in order',
    source: ['a.tmp 3 @1', 'keep.tmp 3 @1'],
    target: [],
    filters: ['*.tmp', '!keep.tmp'],
    plan: ['copy keep.tmp'],
  },
  {
    name: 'filters a folder with everything below',
    source: ['node_modules/a/b.js 3 @1', 'src/c.js 3 @1'],
    target: ['node_modules/old.js 1 @1'],
    filters: ['node_modules/'],
    plan: ['mkdir src', 'copy src/c.js'],
  },
  {
    name: 'leaves a file alone whose name is a filtered folder on the other side',
    source: ['cache/a 3 @1'],
    target: ['cache 3 @1'],
    filters: ['cache/'],
    plan: [],
  },
  // Our own names.
  {
    name: 'ignores reserved names on both sides and keeps their folder',
    source: ['.fernsync/j/root.json 3 @1', '.fernsync-12345678-1.part 3 @1', 'a.txt 3 @1'],
    target: ['.fernsync/j/safety/x 3 @1', 'old/.fernsync/x 3 @1'],
    plan: ['copy a.txt'],
  },
  // What cannot be compared.
  {
    name: 'never touches a link, nor what has its name on the other side',
    source: ['a ->', 'b.txt 3 @1'],
    target: ['a/inside.txt 3 @1', 'b.txt ->', 'c ->'],
    plan: ['skip a (link)', 'skip b.txt (link)', 'skip c (link)'],
  },
  {
    name: 'leaves two names of one Unicode text alone',
    source: ['e\u0301.txt 3 @1', '\u00e9.txt 4 @1', 'a.txt 3 @1'],
    target: ['\u00e9.txt 3 @1'],
    plan: [
      'copy a.txt',
      'skip e\u0301.txt (twin-names)',
      'skip \u00e9.txt (twin-names)',
      'problem e\u0301.txt: twin-names',
      'problem \u00e9.txt: twin-names',
    ],
  },
  {
    name: 'keeps the spelling that the target has',
    source: ['e\u0301/a.txt 4 @1', 'e\u0301/b.txt 3 @1'],
    target: ['\u00e9/a.txt 3 @1'],
    plan: ['update \u00e9/a.txt from e\u0301/a.txt (size)', 'copy \u00e9/b.txt from e\u0301/b.txt'],
  },
  {
    name: 'treats names that differ only in case as two where both sides can hold them',
    source: ['A.txt 3 @1'],
    target: ['a.txt 3 @1'],
    plan: ['copy A.txt', 'delete a.txt'],
  },
  {
    name: 'never deletes for a change of case where one side folds it',
    source: ['A.txt 3 @1'],
    target: ['a.txt 3 @1'],
    foldCase: true,
    plan: ['equal a.txt'],
  },
  {
    name: 'leaves folders alone that are one name where case does not count, and all in them',
    source: ['Docs/a.txt 3 @1', 'docs/b.txt 3 @1'],
    target: ['docs/c.txt 3 @1'],
    foldCase: true,
    plan: [
      'skip Docs (twin-names)',
      'skip docs (twin-names)',
      'problem Docs: twin-names',
      'problem docs: twin-names',
    ],
  },
  // What could not be read.
  {
    name: 'deletes nothing at all when one folder could not be listed',
    source: ['ok.txt 3 @1', 'locked/!'],
    target: ['gone.txt 3 @1', 'locked/a.txt 3 @1'],
    plan: ['copy ok.txt', 'skip locked (unread-folder)', 'problem locked: unread-folder'],
  },
  {
    name: 'writes nothing into a folder of the target that could not be listed',
    source: ['locked/a.txt 3 @1', 'b.txt 3 @1'],
    target: ['locked/!'],
    plan: ['copy b.txt', 'skip locked (unread-folder)', 'problem locked: unread-folder'],
  },
  {
    name: 'deletes nothing when a name could not be decoded, and still copies',
    source: ['docs/?x', 'docs/a.txt 3 @1'],
    target: ['docs/b.txt 3 @1', 'c.txt 3 @1'],
    plan: ['copy docs/a.txt', 'problem docs/?x: invalid-name'],
  },
  {
    name: 'forgets nothing when something could not be read',
    source: ['locked/!'],
    target: [],
    baseline: ['a.txt 3 @1'],
    plan: ['skip locked (unread-folder)', 'problem locked: unread-folder'],
  },
  {
    name: 'reports a file that is larger than the target allows',
    source: ['big 11 @1', 'small 10 @1'],
    target: [],
    maxFileSize: 10,
    plan: ['copy small', 'problem big: too-large'],
  },
]

describe('makePlan', () => {
  it.each(cases)('$name', async (row) => {
    expect(await planText(row)).toEqual(row.plan)
  })
})
