// Listens to logind until it is killed.
import { createGdbus } from '../../../main/adapters/gdbus.ts'

const listener = { onLine: () => {}, onEnd: () => {} }
createGdbus(process.env).monitor('system', 'org.freedesktop.login1', listener, new AbortController().signal)
