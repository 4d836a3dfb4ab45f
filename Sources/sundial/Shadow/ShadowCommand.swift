import ArgumentParser
import Broker
import JSON
import Shadows

/// `sundial shadow`: device shadows from the command line.
struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "Read, change, watch and take back device shadows.",
        discussion: """
            They ask a running Sundial, at http://localhost:8080 unless --url or --ports-file says otherwise. get, update, delete, list \
            and watch ask any AWS IoT endpoint too; history, diff, at and restore need Sundial's memory.

            Examples:
              sundial shadow update lamp --desired '{"mode":"eco"}'
              sundial shadow get lamp
              sundial shadow watch lamp --name kitchen
              sundial shadow restore lamp 3

            Exit status: 0 done, 1 the service refused or there is no such thing, 2 bad arguments, 3 could not connect or was not let \
            in, 4 timed out, 130 interrupted.
            """,
        subcommands: [
            Get.self, Update.self, Delete.self, List.self, WatchShadowCommand.self, History.self, Diff.self, At.self, Restore.self,
        ])
}

extension ShadowCommand {
    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a shadow: state, delta, and how old each value is.",
            discussion: """
                Examples:
                  sundial shadow get lamp
                  sundial shadow get lamp --name kitchen --json
                """)

        @OptionGroup var shadow: ShadowOptions

        func run() async throws {
            let id = try self.shadow.id()
            try await self.shadow.service.with { service, _ in
                let document = try await service.get(id)
                if self.shadow.service.json { return try Printed.json(document) }
                try Printed.text(ShadowText(style: .output).document(document, of: id))
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a shadow. Its version is remembered for 48 hours.",
            discussion: """
                Example:
                  sundial shadow delete lamp --name kitchen
                """)

        @OptionGroup var shadow: ShadowOptions

        func run() async throws {
            let id = try self.shadow.id()
            try await self.shadow.service.with { service, _ in
                let document = try await service.delete(id)
                if self.shadow.service.json { return try Printed.json(document) }
                try Printed.text(ShadowText(style: .output).headline(id, version: document["version"]) + " deleted\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the names of a thing's named shadows, one on a line.",
            discussion: """
                Example:
                  sundial shadow list lamp
                """)

        @Argument(help: ArgumentHelp("Name of the thing.", valueName: "thing"))
        var thing: String

        @OptionGroup var service: ServiceOptions

        func validate() throws {
            do throws(Complaint) {
                _ = try ShadowChoice.thing(self.thing)
            } catch {
                throw ValidationError("\(error.text).")
            }
        }

        func run() async throws {
            let thing = try ShadowChoice.thing(self.thing)
            try await self.service.with { service, _ in
                let names = try await service.list(thing)
                if self.service.json { return try Printed.json(.object(["results": .array(names.map { .string($0) })])) }
                if names.isEmpty { StandardStream.error.write("\(thing.text) has no named shadows\n") }
                try Printed.text(names.map { "\($0)\n" }.joined())
            }
        }
    }
}
