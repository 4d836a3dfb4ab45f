import ArgumentParser
import SigV4

/// Whose signature, for `sign`, `pub`, `sub` and `run`.
struct SigningOptions: ParsableArguments {
    @OptionGroup var keys: KeyOptions

    @Option(help: ArgumentHelp("Service of the signature.", valueName: "name"))
    var service = "iotdevicegateway"

    var region: String { self.keys.region }

    func validate() throws {
        if self.service.isEmpty { throw ValidationError("--service is empty; give it a value or leave it out.") }
        if self.service.contains("/") { throw ValidationError("A service has no '/' in its name.") }
    }

    func resolved() throws(Complaint) -> Credentials { try self.keys.resolved() }
}
