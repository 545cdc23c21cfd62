import { flushPromises } from '@vue/test-utils'
import { createMemoryHistory, type Router } from 'vue-router'
import type { App } from 'vue'
import type { Api } from '../../main/contract/api.ts'
import type { CallName } from '../../main/contract/calls.ts'
import { createFakeApi, type FakeScenario } from '../../renderer/api/fake-api.ts'
import { createPage } from '../../renderer/create-page.ts'

export type Page = {
  readonly app: App
  readonly router: Router
  readonly api: Api
  /** Every call that was made, with its input as it was at that moment. */
  readonly calls: { readonly name: CallName; readonly input: unknown }[]
  /** Everything in sight. */
  text(): string
  /** The one button or link with this visible or spoken name. */
  button(name: string): HTMLElement
  /** The input, textarea or select with this label. */
  field(label: string): HTMLInputElement
  type(label: string, value: string): Promise<void>
  click(name: string): Promise<void>
  submit(): Promise<void>
  /** Opens the menu of this name by keyboard, and takes one of its entries. */
  pick(menu: string, entry: string): Promise<void>
  close(): void
}

/** Waits until nothing answers any more: answers of the fake, then what they lead to. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 6; round += 1) await flushPromises()
}

/** Records each call, deep enough that wiping a secret afterwards does not change the record. */
export function recorded(api: Api): { api: Api; calls: Page['calls'] } {
  const calls: Page['calls'] = []
  const call = Object.fromEntries(
    Object.entries(api.call).map(([name, ask]) => [
      name,
      (input: unknown) => {
        // Names come from the same object as the functions.
        calls.push({ name: name as CallName, input: structuredClone(input) })
        return (ask as (input: unknown) => unknown)(input)
      },
    ]),
  )
  // Same names, same functions, wrapped.
  return { api: { ...api, call: call as unknown as Api['call'] }, calls }
}

const visibleName = (element: Element) =>
  (element.ariaLabel ?? element.textContent).replace(/\s+/g, ' ').trim()

function findField(label: string): HTMLInputElement {
  const found = [...document.querySelectorAll('label')].filter((each) => visibleName(each).startsWith(label))
  const inputs = found.flatMap(
    (each) => document.getElementById(each.htmlFor) ?? each.querySelector('input') ?? [],
  )
  const fields = inputs.filter((each) => each.matches('input, textarea, select'))
  const field = fields.find((each) => !each.matches('[type="radio"]')) ?? fields[0]
  if (field === undefined) throw new Error(`no field "${label}" in: ${document.body.textContent}`)
  // A textarea and a select have what tests use of an input.
  return field as HTMLInputElement
}

function findButton(name: string): HTMLElement {
  const all = [...document.querySelectorAll<HTMLElement>('button, a, [role="menuitem"]')]
  const found = all.findLast((each) => visibleName(each) === name)
  if (found === undefined) throw new Error(`no button "${name}" among: ${all.map(visibleName).join(' | ')}`)
  return found
}

/** Opens the whole page at a path over the fake main side. */
export async function openPage(
  path: string,
  scenario: FakeScenario,
  around = (api: Api) => api,
): Promise<Page> {
  const { api, calls } = recorded(around(createFakeApi({ scenario, latencyMs: 0 })))
  const { app, router } = createPage(api, createMemoryHistory())
  const warnings: string[] = []
  app.config.warnHandler = (message) => warnings.push(message)
  app.config.errorHandler = (error) => {
    throw error
  }
  document.body.innerHTML = '<div id="app"></div>'
  await router.push(path)
  await router.isReady()
  app.mount('#app')
  await settle()
  if (warnings.length > 0) throw new Error(`Vue warned: ${warnings.join('\n')}`)
  return {
    app,
    router,
    api,
    calls,
    text: () => document.body.textContent.replace(/\s+/g, ' '),
    button: findButton,
    field: findField,
    async type(label, value) {
      const field = findField(label)
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
      await settle()
    },
    async click(name) {
      findButton(name).click()
      await settle()
    },
    async pick(menu, entry) {
      findButton(menu).dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
      await settle()
      findButton(entry).click()
      await settle()
    },
    async submit() {
      const form = document.querySelector('form')
      if (form === null) throw new Error('no form')
      form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
      await settle()
    },
    close() {
      app.unmount()
      document.body.innerHTML = ''
    },
  }
}
