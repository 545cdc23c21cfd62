/** What a field lets its owner do, for template refs. */
export type FieldHandle = { readonly focus: () => void }

/** A field whose value no state holds: the owner reads it from the element. */
export type SecretHandle = {
  /** Null before it is mounted. */
  readonly element: () => HTMLInputElement | HTMLTextAreaElement | null
  readonly clear: () => void
}
