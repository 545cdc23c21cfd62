import { openParentChannel } from '../../../main/adapters/child-channel.ts'

/** Child of the worker-host tests: sends back whatever it gets, or ends as told. */
const channel = openParentChannel()
channel.onMessage((message) => {
  if (typeof message === 'object' && message !== null && 'exit' in message) process.exit(Number(message.exit))
  channel.post({ echo: message, isBytes: message instanceof Uint8Array })
})
