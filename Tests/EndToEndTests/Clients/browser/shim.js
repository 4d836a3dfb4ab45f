// mqtt.js 4 decides for the browser's WebSocket by process.title, which Debian's node-process sets.
import process from 'process/browser'
import { Buffer } from 'buffer'
export { process, Buffer }
