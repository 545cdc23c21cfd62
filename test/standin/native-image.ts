import { existsSync, readFileSync } from 'node:fs'
import { strict } from './strict.ts'

type Members =
  | 'isEmpty'
  | 'toPNG'
  | 'toDataURL'
  | 'getSize'
  | 'getAspectRatio'
  | 'getScaleFactors'
  | 'resize'
  | 'setTemplateImage'
  | 'isTemplateImage'
  | 'addRepresentation'

export type StandinImage = Omit<Pick<Electron.NativeImage, Members>, 'resize'> & {
  resize(options: Electron.ResizeOptions): StandinImage
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Width and height of a PNG; 0x0 for anything else. */
function pngSize(bytes: Buffer): Electron.Size {
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return { width: 0, height: 0 }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** Keeps the bytes it was given: resize() changes the size it reports, not the pixels. */
function createImage(bytes: Buffer, size = pngSize(bytes)): StandinImage {
  let template = false
  const scales = new Set(bytes.length > 0 ? [1] : [])
  const empty = bytes.length === 0 || size.width === 0
  return strict('NativeImage', {
    isEmpty: () => empty && scales.size <= (bytes.length > 0 ? 1 : 0),
    toPNG: () => Buffer.from(bytes),
    toDataURL: () => `data:image/png;base64,${bytes.toString('base64')}`,
    getSize: () => ({ ...size }),
    getAspectRatio: () => (size.height === 0 ? 1 : size.width / size.height),
    getScaleFactors: () => [...scales],
    resize: ({ width, height }: Electron.ResizeOptions) => {
      const ratio = size.height === 0 ? 1 : size.width / size.height
      const wide = width ?? Math.round((height ?? size.height) * ratio)
      return createImage(bytes, { width: wide, height: height ?? Math.round(wide / ratio) })
    },
    setTemplateImage: (option: boolean) => {
      template = option
    },
    isTemplateImage: () => template,
    addRepresentation: (options: Electron.AddRepresentationOptions) => {
      scales.add(options.scaleFactor ?? 1)
    },
  })
}

const fromPath = (path: string): StandinImage =>
  createImage(existsSync(path) ? readFileSync(path) : Buffer.alloc(0)) // a missing file is an empty image in Electron too

export const nativeImage = strict('nativeImage', {
  createEmpty: () => createImage(Buffer.alloc(0)),
  createFromPath: fromPath,
  createFromBuffer: (bytes: Buffer) => createImage(Buffer.from(bytes)),
  createFromDataURL: (url: string) => createImage(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')),
})

/** Tray and windows take an image or a path. */
export function toImage(image: StandinImage | string): StandinImage {
  return typeof image === 'string' ? fromPath(image) : image
}
