import { describe, expect, it } from 'vitest'
import { explainElectron, missingLibraries } from '../../../build/scripts/explain-electron.mjs'

// Recorded from Chromium 156 on Debian 12, whose start-up code Electron 45 has as well, and from the loader of glibc 2.36.
const LOADER = `/home/ada/fernsync/node_modules/electron/dist/electron: error while loading shared libraries: libnss3.so: cannot open shared object file: No such file or directory\n`
const LDD = `	linux-vdso.so.1 (0x00007fb4358c8000)
	libglib-2.0.so.0 => /lib/x86_64-linux-gnu/libglib-2.0.so.0 (0x00007fb4238c7000)
	libnss3.so => not found
	libnssutil3.so => not found
	libasound.so.2 => not found
	libffmpeg.so => not found
`
const AS_ROOT = `[10548:10548:1123/164805.500834:ERROR:content/browser/zygote_host/zygote_host_impl_linux.cc:103] Running as root without --no-sandbox is not supported. See https://crbug.com/638180.\n`
const NO_NAMESPACES = `[10892:10892:1123/164829.356490:ERROR:third_party/crashpad/crashpad/util/file/filesystem_posix.cc:63] mkdir : No such file or directory (2)
[10892:10892:1123/164829.356828:ERROR:content/browser/zygote_host/zygote_host_impl_linux.cc:130] No usable sandbox! If this is a Debian system, please install the chromium-sandbox package to solve this problem. If you are running on Ubuntu 23.10+ or another Linux distro that has disabled unprivileged user namespaces with AppArmor, see https://chromium.googlesource.com/chromium/src/+/main/docs/security/apparmor-userns-restrictions.md. If you want to live dangerously and need an immediate workaround, you can try using --no-sandbox.\n`
const SUID_HELPER = `[4242:1123/101500.000000:FATAL:setuid_sandbox_host.cc(163)] The SUID sandbox helper binary was found, but is not configured correctly. Rather than run without sandboxing I'm aborting now. You need to make sure that /home/ada/fernsync/node_modules/electron/dist/chrome-sandbox is owned by root and has mode 4755.\n`
const NO_SCREEN = `[10557:10573:1123/164805.572341:ERROR:dbus/bus.cc:405] Failed to connect to the bus: Failed to connect to socket /run/dbus/system_bus_socket: No such file or directory
[10557:10557:1123/164805.589837:ERROR:ui/ozone/platform/x11/ozone_platform_x11.cc:257] Missing X server or $DISPLAY
[10557:10557:1123/164805.589870:ERROR:ui/aura/env.cc:253] The platform failed to initialize.  Exiting.\n`

const binary = '/home/ada/fernsync/node_modules/electron/dist/electron'
const explain = (end: { stderr?: string; ldd?: string; code?: number | null; signal?: string | null }) =>
  explainElectron({ binary, stderr: '', ldd: '', code: 1, signal: null, ...end })

describe('explainElectron', () => {
  it('names the Debian package of each missing library once', () => {
    expect(explain({ stderr: LOADER, ldd: LDD, code: 127 })).toEqual([
      'Electron needs libraries that this machine lacks: libasound.so.2, libffmpeg.so, libnss3.so, libnssutil3.so.',
      'On Debian and Ubuntu: sudo apt-get install -y --no-install-recommends libasound2 libnss3',
      'No package is known here for libffmpeg.so; apt-file search finds it.',
    ])
  })

  it('needs no ldd to name the first missing library', () => {
    expect(explain({ stderr: LOADER, code: 127 })[1]).toMatch(/ libnss3$/)
  })

  it.each([
    ['no namespaces', NO_NAMESPACES],
    ['a helper without rights', SUID_HELPER],
  ])('says how to let it build its sandbox: %s', (_name, stderr) => {
    const text = explain({ stderr, code: null, signal: 'SIGTRAP' }).join('\n')
    expect(text).toContain('user namespaces are restricted')
    expect(text).toContain("sudo chmod 4755 '/home/ada/fernsync/node_modules/electron/dist/chrome-sandbox'")
    expect(text).toContain('/etc/apparmor.d/')
    expect(text).toContain('kernel.apparmor_restrict_unprivileged_userns=0')
    expect(text).toContain('never started with --no-sandbox')
  })

  it('sends root away to a normal user', () => {
    expect(explain({ stderr: AS_ROOT }).join(' ')).toContain('Start it as a normal user')
  })

  it('offers a virtual screen or the command line where there is no screen', () => {
    const text = explain({ stderr: NO_SCREEN }).join('\n')
    expect(text).toContain('xvfb-run -a npm start')
    expect(text).toContain('npx --no-install fernsync')
  })

  it('shows the last words when it knows no reason', () => {
    const stderr = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join('\n')
    expect(explain({ stderr, code: null, signal: 'SIGSEGV' })).toEqual([
      'Electron ended at once (SIGSEGV). Its last words:',
      ...Array.from({ length: 8 }, (_, index) => `line ${index + 13}`),
    ])
  })

  it.each([LOADER, AS_ROOT, NO_NAMESPACES, SUID_HELPER, NO_SCREEN])(
    'never leaves it at a bare FATAL',
    (stderr) => {
      expect(explain({ stderr })[0]).not.toMatch(/FATAL|ended at once/)
    },
  )
})

describe('missingLibraries', () => {
  it('finds none where all are found', () => {
    expect(missingLibraries({ stderr: NO_SCREEN, ldd: '\tlibc.so.6 => /lib/libc.so.6 (0x0)\n' })).toEqual([])
  })
})
