import Foundation

/// Where a started Sundial listens, as its ports file says.
struct Doors: Decodable, Sendable {
    struct Door: Decodable, Sendable {
        var host: String
        var port: UInt16
    }

    var mqtt: Door
    var mqtts: Door
    var http: Door
    var https: Door
    /// Path of the CA certificate to trust.
    var ca: String
    var pid: Int32
}
