module.exports = require('mqtt')
