export { sftp } from './sftp.ts'
