import JSON

/// A scenario as it is posted: its text, or `{"scenario":"…","files":[{"path":"a.json","content":"…"},…]}` with the files that it names,
/// those that are no text as `contentBase64`. Nothing is read from the disk of the service.
struct PostedScenario: Sendable {
    let text: [UInt8]
    private let files: [String: [UInt8]]

    private static let limits = JSONLimits(maximumDepth: 8, maximumValues: 100_000)

    init(_ body: [UInt8]) throws(ServiceError) {
        guard let document = Self.bundle(body) else {
            self.text = body
            self.files = [:]
            return
        }
        do throws(DocumentFault) {
            let node = DocumentNode(document)
            _ = try node.object(of: ["scenario", "files"])
            self.text = Array(try node.member("scenario").text().utf8)
            var files: [String: [UInt8]] = [:]
            for file in try node["files"]?.elements() ?? [] {
                _ = try file.object(of: ["path"] + BytesMember.names("content"))
                files[try file.member("path").text()] = try BytesMember.required("content", of: file)
            }
            self.files = files
        } catch {
            var refusal = ServiceError.invalid("The request makes no sense: \(error.text).")
            refusal.facts = [("pointer", .string(error.pointer))]
            throw refusal
        }
    }

    /// A header says `"scenario": 1`; where that is a text, it is the scenario.
    private static func bundle(_ body: [UInt8]) -> JSONValue? {
        var objects = JSONSequenceReader(body, limits: Self.limits)
        guard let first = try? objects.next(), first.value["scenario"]?.string != nil else { return nil }
        return first.value
    }

    /// A file that came with the scenario; `nil` when none of that path did.
    func bytes(of path: String) -> [UInt8]? { self.files[path] }
}
