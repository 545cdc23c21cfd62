import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { escapeForTerminal, formatTable } from '../terminal-text.ts'
import { withDetails } from '../with-details.ts'
import { credentialTypes } from '../../services/credential-types.ts'

export function addRemoteCommands(program: Command, context: () => CommandContext): void {
  const remote = program.command('remote').description('kinds of server, and what lies on one')
  remote
    .command('kinds')
    .description('kinds of server with their fields')
    .action(() => {
      const kinds = credentialTypes()
      const rows = kinds.flatMap((kind) => kind.fields.map((field) => [kind.type, field.name, field.type]))
      context().output.answer({ kinds }, formatTable(rows))
    })
  remote
    .command('ls <credential> [path]')
    .description('list one folder of a server')
    .action((credential: string, path: string | undefined) => list(context(), credential, path ?? ''))
}

async function list(context: CommandContext, name: string, path: string): Promise<void> {
  const { services } = await context.unlocked()
  const credential = await services.credentials.find(name)
  const listing = await withDetails({ credential: credential.name }, () =>
    services.credentials.tasks.list(credential, path),
  )
  const rows = listing.entries.map((entry) => [
    entry.kind,
    entry.size === null ? '-' : String(entry.size),
    entry.modTime === null ? '-' : new Date(entry.modTime).toISOString(),
    escapeForTerminal(entry.name),
  ])
  context.output.answer(listing, formatTable(rows))
}
