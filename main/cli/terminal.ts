import { openSync, writeSync } from 'node:fs'
import { ReadStream } from 'node:tty'

/** A person at the controlling terminal, never stdin: a script that pipes data in cannot answer by accident. */
export type Terminal = {
  /** Reads one line without echo, as UTF-8 bytes without the line end; null at end of input. The caller wipes them. */
  readSecret(prompt: string): Promise<Uint8Array | null>
  /** Reads one line with echo. */
  readLine(prompt: string): Promise<string | null>
  /** For what must be seen there and nowhere else: bytes are not copied. */
  write(text: string | Uint8Array): void
}

const keys = {
  enter: 13,
  newline: 10,
  backspace: 8,
  delete: 127,
  interrupt: 3,
  endOfInput: 4,
  killLine: 21,
} as const
const longestLine = 4096

/** Opens /dev/tty; null when this process has no controlling terminal. */
export function openTerminal(onInterrupt: () => void): Terminal | null {
  let fd: number
  try {
    fd = openSync(process.platform === 'win32' ? 'CONIN$' : '/dev/tty', 'r+')
  } catch {
    return null
  }
  const input = new ReadStream(fd)
  const read = (prompt: string, echo: boolean): Promise<Uint8Array | null> => {
    // Before the prompt: whoever sees it and types must not see what they type.
    input.setRawMode(true)
    writeSync(fd, prompt)
    return readRawLine(input, {
      onInterrupt() {
        writeSync(fd, '\n')
        onInterrupt()
      },
      onEcho: (byte) => {
        if (echo && byte >= 32) writeSync(fd, Uint8Array.of(byte))
      },
      onEnd: () => writeSync(fd, '\n'),
    })
  }
  return {
    readSecret: (prompt) => read(prompt, false),
    write(text) {
      if (typeof text === 'string') writeSync(fd, text)
      else writeSync(fd, text)
    },
    async readLine(prompt) {
      const bytes = await read(prompt, true)
      return bytes === null ? null : new TextDecoder().decode(bytes)
    },
  }
}

type LineEvents = { onInterrupt(): void; onEcho(byte: number): void; onEnd(): void }

/** Reads bytes up to Enter from a terminal in raw mode, and ends that mode; null at end of input or Ctrl-C. */
function readRawLine(input: ReadStream, events: LineEvents): Promise<Uint8Array | null> {
  const line = new LineBuffer()
  return new Promise((resolve) => {
    const finish = (value: Uint8Array | null): void => {
      input.off('data', onData)
      input.pause()
      input.setRawMode(false)
      events.onEnd()
      line.wipe()
      resolve(value)
    }
    const onData = (chunk: Buffer): void => {
      for (const byte of chunk) {
        const done = take(line, byte, events)
        if (done === undefined) continue
        finish(done)
        break
      }
      chunk.fill(0)
    }
    input.on('data', onData)
    input.resume()
  })
}

/** Handles one key; undefined = the line goes on, null = no line, else the line. */
function take(line: LineBuffer, byte: number, events: LineEvents): Uint8Array | null | undefined {
  switch (byte) {
    case keys.interrupt:
      events.onInterrupt()
      return null
    case keys.endOfInput:
      return line.length === 0 ? null : line.copy()
    case keys.enter:
    case keys.newline:
      return line.copy()
    case keys.backspace:
    case keys.delete:
      line.dropCharacter()
      return undefined
    case keys.killLine:
      line.wipe()
      return undefined
    default:
      line.push(byte)
      events.onEcho(byte)
      return undefined
  }
}

/** A line in a fixed buffer that is wiped as soon as it is taken. */
class LineBuffer {
  readonly #bytes = new Uint8Array(longestLine)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(byte: number): void {
    if (this.#length < longestLine) this.#bytes[this.#length++] = byte
  }

  /** Removes one UTF-8 character: continuation bytes (10xxxxxx) belong to the byte before them. */
  dropCharacter(): void {
    while (this.#length > 0) {
      this.#length -= 1
      const byte = this.#bytes[this.#length] ?? 0
      this.#bytes[this.#length] = 0
      if ((byte & 0xc0) !== 0x80) return
    }
  }

  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  wipe(): void {
    this.#bytes.fill(0)
    this.#length = 0
  }
}
