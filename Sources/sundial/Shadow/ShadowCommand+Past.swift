import ArgumentParser
import Broker
import JSON
import Shadows
import Timeline

extension ShadowCommand {
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the versions that are kept of a shadow, oldest first, with who made them and what they changed.",
            discussion: """
                Example:
                  sundial shadow history lamp
                """)

        @OptionGroup var shadow: PastOptions

        func run() async throws {
            try await self.shadow.with { past, _ in
                if self.shadow.json { return try Printed.json(past.document) }
                try Printed.text(ShadowText(style: .output).history(past.versions, now: past.now))
            }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what differs between two versions of a shadow.",
            discussion: """
                Examples:
                  sundial shadow diff lamp 3
                  sundial shadow diff lamp 3 5
                """)

        @OptionGroup var shadow: PastOptions

        @Argument(help: ArgumentHelp("The older version.", valueName: "from"))
        var from: Int64

        @Argument(help: ArgumentHelp("The newer version. Default: the present one.", valueName: "to"))
        var to: Int64?

        func run() async throws {
            try await self.shadow.with { past, _ in
                let old = try past.version(self.from)
                let new = try self.to.map { (number) throws(Complaint) in try past.version(number) } ?? past.present()
                let difference = ShadowDifference(from: old.state, to: new.state)
                if self.shadow.json {
                    return try Printed.json(
                        .object(["from": JSONValue(old.number), "to": JSONValue(new.number), "changes": difference.json]))
                }
                try Printed.text(ShadowText(style: .output).difference(difference))
            }
        }
    }

    struct At: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a shadow as it was at a time.",
            discussion: """
                Examples:
                  sundial shadow at lamp 2026-01-02T03:04:05Z
                  sundial shadow at lamp 5min
                """)

        @OptionGroup var shadow: PastOptions

        @Argument(help: ArgumentHelp("2026-01-02T03:04:05Z, or how long ago: 90s, 5min, 2h, 1d.", valueName: "time"))
        var time: PointInTime

        func run() async throws {
            try await self.shadow.with { past, id in
                let time = self.time.time(now: past.now)
                guard time <= past.now else {
                    throw Complaint("\(time.iso8601) is yet to come; give a time that has been, or 'sundial shadow get'", .badArguments)
                }
                let version = try past.version(at: time)
                if self.shadow.json { return try Printed.json(version.document) }
                try Printed.text(ShadowText(style: .output).version(version, of: id, now: time))
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a shadow back to an earlier version, by an ordinary update.",
            discussion: """
                The update holds what differs, and null for keys that must go. It is accepted, published and numbered as any other, and \
                refused when the shadow was changed meanwhile.

                Example:
                  sundial shadow restore lamp 3
                """)

        @OptionGroup var shadow: ShadowOptions

        @Argument(help: ArgumentHelp("The version to go back to.", valueName: "version"))
        var version: Int64

        func run() async throws {
            let id = try self.shadow.id()
            try await self.shadow.service.with { service, control in
                let past = try await control.history(of: id)
                let wanted = try past.version(self.version)
                let present = try past.present()
                guard !wanted.isDeleted else {
                    throw Complaint("version \(wanted.number) is a deletion; 'sundial shadow delete' deletes the shadow")
                }
                let patch = ShadowPatch.state(from: present.state, to: wanted.state)
                guard patch != nil || present.isDeleted else {
                    StandardStream.error.write("nothing to do: version \(present.number) is as version \(wanted.number) was\n")
                    if self.shadow.service.json { try Printed.json(.object(["state": [:], "version": JSONValue(present.number)])) }
                    return
                }
                let update: JSONValue = .object(["state": .object(patch ?? [:]), "version": JSONValue(present.number)])
                let accepted = try await service.update(id, update.utf8)
                if self.shadow.service.json { return try Printed.json(accepted) }
                let text = ShadowText(style: .output)
                try Printed.text(
                    text.headline(id, version: accepted["version"]) + ", as version \(wanted.number) was\n"
                        + text.difference(ShadowDifference(from: present.state, to: wanted.state)))
            }
        }
    }
}
