/** Asks the person for a local folder or file. Null when cancelled. Desktop only. */
export interface FolderPicker {
  pickFolder(options: { readonly title: string; readonly startAt: string | null }): Promise<string | null>
  /** A place for a file to be written; the system asks about what is there already. `startAt` names the file as well. */
  pickNewFile(options: { readonly title: string; readonly startAt: string }): Promise<string | null>
  pickFile(options: { readonly title: string; readonly startAt: string | null }): Promise<string | null>
}
