const utf8 = new TextEncoder()
/** A Windows DWORD of 0: "no". */
const no = new Uint8Array(4)

/**
 * Clipboard formats that mark a secret, with their values: KDE's password manager hint (also read by other managers on
 * Linux), the three formats of the Windows clipboard history, and nspasteboard.org's type on macOS. Requests, not walls.
 */
export function concealedFormats(
  platform: NodeJS.Platform,
): Readonly<Record<string, Uint8Array<ArrayBuffer>>> {
  if (platform === 'win32') {
    return {
      ExcludeClipboardContentFromMonitorProcessing: no,
      CanIncludeInClipboardHistory: no,
      CanUploadToCloudClipboard: no,
    }
  }
  if (platform === 'darwin') return { 'org.nspasteboard.ConcealedType': new Uint8Array(0) }
  return { 'x-kde-passwordManagerHint': utf8.encode('secret') }
}
