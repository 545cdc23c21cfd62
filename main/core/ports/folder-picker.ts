/** Asks the person for a local folder or file. Null when cancelled. Desktop only. */
export interface FolderPicker {
  pickFolder(options: { readonly title: string; readonly startAt: string | null }): Promise<string | null>
  pickFile(options: { readonly title: string; readonly startAt: string | null }): Promise<string | null>
}
