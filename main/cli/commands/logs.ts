import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { escapeJsonText } from '../terminal-text.ts'

export function addLogCommands(program: Command, context: () => CommandContext): void {
  program
    .command('logs')
    .description('log lines of this home folder, oldest first')
    .option('--run <id>', 'of one run')
    .action(async (options: { run?: string }) => {
      const open = await context().home()
      const lines = open.readLog().filter((line) => options.run === undefined || line['run'] === options.run)
      context().output.answer(
        { lines },
        lines.map((line) => `${escapeJsonText(JSON.stringify(line))}\n`).join(''),
      )
    })
}
