import ArgumentParser
import JSON
import Shadows
import SigV4

/// Which shadow, where, and signed by whom.
struct ShadowOptions: ParsableArguments {
    @OptionGroup var choice: ShadowChoice
    @OptionGroup var service: ServiceOptions

    func id() throws(Complaint) -> ShadowID { try self.choice.id() }
}

/// Which shadow's past, and where; the control API, which remembers it, wants no signature.
struct PastOptions: ParsableArguments {
    @OptionGroup var choice: ShadowChoice

    @Flag(help: "Print the document as JSON.")
    var json = false

    @OptionGroup(title: "Which Sundial") var control: ControlOptions

    /// Lends what is kept of it.
    func with(_ body: (PastVersions, ShadowID) throws -> Void) async throws {
        let id = try self.choice.id()
        try await ServiceConnection.with(self.control.endpoint.place) { connection in
            try body(try await ControlService(connection: connection, bearer: self.control.bearer).history(of: id), id)
        }
    }
}

/// Which shadow.
struct ShadowChoice: ParsableArguments {
    @Argument(help: ArgumentHelp("Name of the thing.", valueName: "thing"))
    var thing: String

    @Option(name: [.short, .long], help: ArgumentHelp("Name of a named shadow. Default: the classic shadow.", valueName: "shadow"))
    var name: String?

    func validate() throws {
        do throws(Complaint) {
            _ = try self.id()
        } catch {
            throw ValidationError("\(error.text).")
        }
    }

    func id() throws(Complaint) -> ShadowID {
        let thing = try Self.thing(self.thing)
        guard let name else { return ShadowID(thing: thing) }
        guard let shadow = ShadowName(name) else {
            throw Complaint("'\(name)' is no name of a shadow: 1 to 64 letters, digits and any of : _ - $", .badArguments)
        }
        return ShadowID(thing: thing, name: shadow)
    }

    static func thing(_ text: String) throws(Complaint) -> ThingName {
        guard let thing = ThingName(text) else {
            throw Complaint("'\(text)' is no name of a thing: 1 to 128 letters, digits and any of : _ -", .badArguments)
        }
        return thing
    }
}

/// Where the shadow service is, and the keys for it.
struct ServiceOptions: ParsableArguments {
    @Flag(help: "Print the document as JSON.")
    var json = false

    @OptionGroup(title: "Which Sundial") var control: ControlOptions
    @OptionGroup(title: "Signature") var keys: KeyOptions

    /// Lends both services of one connection.
    func with(_ body: (ShadowService, ControlService) async throws -> Void) async throws {
        let credentials = try self.keys.resolved()
        try await ServiceConnection.with(self.control.endpoint.place) { connection in
            try await body(
                ShadowService(connection: connection, credentials: credentials, region: self.keys.region),
                ControlService(connection: connection, bearer: self.control.bearer))
        }
    }
}

/// What commands print.
enum Printed {
    static func text(_ text: String) throws(Complaint) {
        guard StandardStream.output.write(text) else {
            throw Complaint("cannot write to standard output: it is closed or full; redirect it elsewhere")
        }
    }

    /// One line, as the service writes it.
    static func json(_ value: JSONValue) throws(Complaint) { try Self.text(value.text + "\n") }
}
