'use strict'
// Tries once to connect with mqtt.js and prints the events it sees, one a line: connect, error MESSAGE, close.
//
//   node upgrade.js URL PROTOCOL_VERSION CA_FILE
const fs = require('fs')
const mqtt = require('mqtt')

const [url, version, ca] = process.argv.slice(2)
const client = mqtt.connect(url, {
  protocolVersion: Number(version),
  reconnectPeriod: 0,
  ca: fs.readFileSync(ca)
})
client.on('connect', () => {
  console.log('connect')
  client.end()
})
client.on('error', (error) => console.log('error', error.message))
client.on('close', () => console.log('close'))
