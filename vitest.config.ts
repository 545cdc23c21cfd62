import { availableParallelism } from 'node:os'
import path from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const resolve = {
  alias: [{ find: /^electron$/, replacement: path.join(import.meta.dirname, 'build/vite/no-electron.mjs') }],
}
/** Real derivations on a busy machine take seconds, and no test is one of speed. */
const patient = 30_000
/** Vitest would leave one of two cores idle. */
const maxWorkers = Math.max(2, availableParallelism() - 1)
const node = { environment: 'node' as const, pool: 'forks' as const, maxWorkers }

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          ...node,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Rules without state of their own: loading them anew for each file takes a third of the time. No file mocks a module.
          isolate: false,
          restoreMocks: true,
          testTimeout: patient,
          unstubEnvs: true,
        },
      },
      {
        resolve,
        plugins: [vue()],
        test: {
          name: 'renderer',
          environment: 'jsdom',
          maxWorkers,
          include: ['test/renderer/**/*.test.ts'],
          testTimeout: patient,
        },
      },
      { resolve, test: { ...node, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      {
        resolve,
        test: {
          ...node,
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: patient,
        },
      },
      {
        resolve,
        test: {
          ...node,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 2 * 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        // Some of them mostly wait for what they have stopped.
        test: { ...node, name: 'torture', include: ['test/torture/**/*.test.ts'], maxWorkers: 3 },
      },
    ],
  },
})
