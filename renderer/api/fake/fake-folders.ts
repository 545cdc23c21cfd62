import type { FakeHandlers } from '../fake-api.ts'
import { FAKE_NOW } from './fake-data.ts'

type FolderCalls = 'remote.list' | 'remote.makeFolder' | 'dialogs.pickFolder' | 'dialogs.pickKeyFile'

const tree: Readonly<Record<string, readonly string[]>> = {
  '': ['backup/', 'music/', 'photos/', 'public/', '.profile', 'readme.txt'],
  backup: ['documents/', 'phone/', 'old-laptop.tar.zst'],
  'backup/documents': ['Contracts/', 'Invoices/', 'Letters/', 'todo.md'],
  photos: ['2024/', '2025/', '2026/', 'camera/'],
}

const parentOf = (path: string) => path.split('/').slice(0, -1).join('/')
const leafOf = (path: string) => `${path.split('/').at(-1) ?? ''}/`

/** Folders of the fake's servers and what its system dialogs answer. */
export function folderCalls(): FakeHandlers<FolderCalls> {
  const made = new Set<string>()
  return {
    'remote.list': ({ path }) => {
      const added = [...made].filter((each) => parentOf(each) === path).map(leafOf)
      return {
        path,
        entries: [...(tree[path] ?? []), ...added].map((name) => ({
          name: name.replace(/\/$/, ''),
          kind: name.endsWith('/') ? 'dir' : 'file',
          size: name.endsWith('/') ? null : 4_096,
          modTime: FAKE_NOW,
        })),
        truncated: false,
      }
    },
    'remote.makeFolder': ({ path }) => {
      made.add(path)
      return {}
    },
    'dialogs.pickFolder': () => ({
      token: '0123456789abcdef0123456789abcdef',
      shown: '/home/mira/Documents',
      names: ['Contracts', 'Invoices', 'Letters', 'Scans', 'tax-2025.pdf', 'todo.md'],
      count: 1_284,
    }),
    'dialogs.pickKeyFile': () => ({
      token: 'fedcba9876543210fedcba9876543210',
      shown: '/home/mira/.ssh/id_ed25519',
      names: [],
      count: 1,
    }),
  }
}
