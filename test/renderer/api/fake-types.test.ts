import { expect, it } from 'vitest'
import { credentialTypes } from '../../../main/services/credential-types.ts'
import { fakeTypes } from '../../../renderer/api/fake/fake-types.ts'

it('the kinds of the fake are those of the main side', () => {
  expect(fakeTypes).toEqual(credentialTypes())
})
