import Foundation
import JSON

/// Bytes as a member of an object: `payload` when they are UTF-8 text, else `payloadBase64`.
enum BytesMember {
    static func set(_ bytes: [UInt8], as name: String, in object: inout JSONObject) {
        if let text = String(validating: bytes, as: UTF8.self) {
            object[name] = .string(text)
        } else {
            object[Self.encodedName(name)] = .string(Data(bytes).base64EncodedString())
        }
    }

    /// `nil` when there is neither.
    static func optional(
        _ name: String, of node: DocumentNode, maximumBytes: Int = .max
    ) throws(DocumentFault) -> [UInt8]? {
        switch (node[name], node[Self.encodedName(name)]) {
        case (nil, nil):
            return nil
        case (let text?, nil):
            return try Self.checked(Array(try text.text().utf8), text, maximumBytes)
        case (nil, let encoded?):
            guard let data = Data(base64Encoded: try encoded.text()) else { throw encoded.fault("is not base64") }
            return try Self.checked(Array(data), encoded, maximumBytes)
        case (_?, let encoded?):
            throw encoded.fault("stands beside \(name); give one of them")
        }
    }

    private static func checked(_ bytes: [UInt8], _ node: DocumentNode, _ maximumBytes: Int) throws(DocumentFault) -> [UInt8] {
        guard bytes.count <= maximumBytes else { throw node.fault("must have at most \(maximumBytes) bytes") }
        return bytes
    }

    static func required(
        _ name: String, of node: DocumentNode, maximumBytes: Int = .max
    ) throws(DocumentFault) -> [UInt8] {
        if let bytes = try Self.optional(name, of: node, maximumBytes: maximumBytes) { return bytes }
        throw DocumentFault(pointer: JSONPointer.appending(name, to: node.pointer), what: "is missing")
    }

    static func names(_ name: String) -> [String] { [name, Self.encodedName(name)] }

    private static func encodedName(_ name: String) -> String { "\(name)Base64" }
}
