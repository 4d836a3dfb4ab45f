package import Broker
package import JSON
import Timeline

/// Everything that outlives a process as one JSON document, made to be read, compared and edited.
///
/// Lists are sorted, what has its usual value is left out, and instants are wall times with milliseconds: an image that is written and
/// read comes back as it was, but for the order of MQTT 5 properties and for parts of a millisecond. A further list is one member here
/// and one file beside this one.
package enum Snapshot {
    static let format = "snapshot"
    static let version: Int64 = 1

    /// - Parameter clock: when the image was taken, on both clocks.
    package static func document(of image: StateImage, at clock: ClockReading) -> JSONValue {
        .object([
            "sundial": .string(Self.format), "version": JSONValue(Self.version), "takenAt": .string(clock.wall.iso8601),
            "shadows": ShadowList.json(image.shadows),
            "retained": RetainedList.json(image.retained, clock),
            "sessions": SessionList.json(image.sessions, clock),
            "things": ThingList.json(image.things),
        ])
    }

    /// Whether a document says that it is a snapshot.
    package static func isSnapshot(_ document: JSONValue) -> Bool { document["sundial"] != nil }

    /// - Parameter clock: turns times into the instants of this process.
    /// - Throws: the first place that makes no sense.
    package static func image(from document: JSONValue, clock: ClockReading) throws(DocumentFault) -> StateImage {
        let node = DocumentNode(document)
        _ = try node.object()
        let format = try node.member("sundial")
        guard try format.text() == Self.format else { throw format.fault("must be \"\(Self.format)\"") }
        let version = try node.member("version")
        guard version.value.int64 == Self.version else {
            throw version.fault("is \(version.value.text) and this Sundial reads \(Self.version); use the Sundial that took the snapshot")
        }
        _ = try node.object(of: ["sundial", "version", "takenAt", "shadows", "retained", "sessions", "things"])
        _ = try node["takenAt"]?.time()
        return StateImage(
            shadows: try ShadowList.read(try node.member("shadows")),
            retained: try RetainedList.read(try node.member("retained"), clock),
            sessions: try SessionList.read(try node.member("sessions"), clock),
            things: try ThingList.read(try node.member("things")))
    }
}
