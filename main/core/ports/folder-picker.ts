/** Asks the person for a local folder or file. Null when cancelled. Desktop only. */
export interface FolderPicker {
  pickFolder(options: { readonly title: string; readonly startAt: string | null }): Promise<string | null>
  pickFile(options: { readonly title: string; readonly startAt: string | null }): Promise<string | null>
  /** A place for a new file; `startAt` is the path that is proposed. */
  pickNewFile(options: { readonly title: string; readonly startAt: string }): Promise<string | null>
}
