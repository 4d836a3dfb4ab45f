import ArgumentParser
import JSON
import Shadows

extension ShadowCommand {
    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a shadow; one that does not exist is made.",
            discussion: """
                Examples:
                  sundial shadow update lamp --desired '{"mode":"eco"}'
                  sundial shadow update lamp --reported '{"mode":"eco"}' --desired null
                  sundial shadow update lamp '{"state":{"desired":{"mode":null}},"version":3}'
                  generate | sundial shadow update lamp -n kitchen -
                """)

        @OptionGroup var shadow: ShadowOptions

        @Argument(help: ArgumentHelp("The whole document, sent as it is; - is standard input.", valueName: "document"))
        var document: String?

        @Option(help: ArgumentHelp("The desired section, an object or null.", valueName: "json"))
        var desired: String?

        @Option(help: ArgumentHelp("The reported section, an object or null.", valueName: "json"))
        var reported: String?

        @Option(help: ArgumentHelp("Refuse the update unless the shadow has this version.", valueName: "number"))
        var version: Int64?

        @Option(help: ArgumentHelp("Token that the answers repeat.", valueName: "token"))
        var clientToken: String?

        /// More than the service takes; it is to say so itself.
        private static let maximumBytes = 1 << 20

        func validate() throws {
            let hasParts = self.desired != nil || self.reported != nil
            if self.document != nil, hasParts || self.version != nil || self.clientToken != nil {
                throw ValidationError("A whole document says it all; give it alone, or leave it out and use the options.")
            }
            if self.document == nil, !hasParts {
                throw ValidationError(
                    "There is nothing to send: give --desired JSON, --reported JSON, a document, or - for standard input.")
            }
            do throws(Complaint) {
                _ = try self.sections()
            } catch {
                throw ValidationError("\(error.text).")
            }
        }

        func run() async throws {
            let id = try self.shadow.id()
            let payload = try self.payload()
            try await self.shadow.service.with { service, _ in
                let accepted = try await service.update(id, payload)
                if self.shadow.service.json { return try Printed.json(accepted) }
                try Printed.text(ShadowText(style: .output).document(accepted, of: id))
            }
        }

        func payload() throws(Complaint) -> [UInt8] {
            if let document {
                if document != "-" { return Array(document.utf8) }
                return try TextFile.bytes("-", purpose: "document", maximumBytes: Self.maximumBytes)
            }
            var document: JSONObject = ["state": .object(try self.sections())]
            document["version"] = self.version.map { JSONValue($0) }
            document["clientToken"] = self.clientToken.map { .string($0) }
            return JSONValue.object(document).utf8
        }

        private func sections() throws(Complaint) -> JSONObject {
            var sections = JSONObject()
            for (name, text) in [("desired", self.desired), ("reported", self.reported)] {
                guard let text else { continue }
                do throws(JSONError) {
                    sections[name] = try JSONValue(parsing: text)
                } catch {
                    throw Complaint("--\(name) is not JSON: \(error.text)", .badArguments)
                }
            }
            return sections
        }
    }
}
