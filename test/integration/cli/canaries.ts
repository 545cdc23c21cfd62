import { readdirSync, readFileSync } from 'node:fs'

/** The ways in which a text may lie in a file: as it is, UTF-16LE, hex, and base64 at each of three alignments. */
function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text)
  // The inner characters of base64 depend on nothing but the text, once the ends that mix with neighbours are cut.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  const texts = [text, bytes.toString('hex'), ...base64, ...base64.map(toBase64Url)]
  return [...texts.map((form) => Buffer.from(form)), Buffer.from(text, 'utf16le')]
}

function toBase64Url(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

/** `path: canary number` for every file below `folder` that holds a canary in any form. */
export function findCanaries(folder: string, canaries: readonly string[]): readonly string[] {
  const forms = canaries.map(formsOf)
  return filesBelow(Buffer.from(folder)).flatMap((path) => {
    const content = readFileSync(path)
    return forms.flatMap((all, at) =>
      all.some((form) => content.includes(form)) ? [`${path.toString('latin1')}: canary ${at}`] : [],
    )
  })
}

/** Paths as bytes: a name need not be text. */
function filesBelow(folder: Buffer): readonly Buffer[] {
  return readdirSync(folder, { encoding: 'buffer', withFileTypes: true }).flatMap((entry) => {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name])
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}
