/**
 * Runs in electron-builder after a package is laid out: sets every fuse of the binary, and fails when this version of
 * Electron has one that nobody decided on. (electron-builder's own `electronFuses` knows eight and is not strict.)
 */
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { rmSync } from 'node:fs'
import path from 'node:path'

/** The fuses as electron-builder.yml states them, and the ninth that it cannot state. */
export const fuses = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
}

/** @param {import('electron-builder').AfterPackContext} context */
export default async function afterPack({ packager, electronPlatformName, appOutDir }) {
  const { productFilename } = packager.appInfo
  const isMac = electronPlatformName === 'darwin'
  const isWindows = electronPlatformName === 'win32'
  const linuxName = 'executableName' in packager ? String(packager.executableName) : productFilename
  const name = isMac ? `${productFilename}.app` : isWindows ? `${productFilename}.exe` : linuxName
  const resources = isMac ? path.join(name, 'Contents', 'Resources') : 'resources'
  // electron-builder leaves it in when the distribution of Electron is given; with onlyLoadAppFromAsar it is dead weight.
  rmSync(path.join(appOutDir, resources, 'default_app.asar'), { force: true })
  await flipFuses(path.join(appOutDir, name), {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    ...fuses,
  })
}
