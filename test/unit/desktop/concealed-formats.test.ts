import { describe, expect, it } from 'vitest'
import { concealedFormats } from '../../../main/desktop/concealed-formats.ts'

describe('concealedFormats', () => {
  it('marks a secret the way each system knows', () => {
    expect(concealedFormats('linux')).toEqual({
      'x-kde-passwordManagerHint': new TextEncoder().encode('secret'),
    })
    const dword = new Uint8Array([0, 0, 0, 0])
    expect(concealedFormats('win32')).toEqual({
      ExcludeClipboardContentFromMonitorProcessing: dword,
      CanIncludeInClipboardHistory: dword,
      CanUploadToCloudClipboard: dword,
    })
    expect(Object.keys(concealedFormats('darwin'))).toEqual(['org.nspasteboard.ConcealedType'])
  })
})
