// Stands in for the package ws: Debian leaves out the file that its package.json names for browsers.
module.exports = function () { throw new Error('ws is not for browsers') }
