import ArgumentParser

/// Which running Sundial is meant, for the commands that ask one over HTTP.
struct EndpointOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where Sundial runs: http:// or https://HOST[:PORT]. Default: http://localhost:8080.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("Take the address from the file that 'sundial serve --ports-file' wrote.", valueName: "file"))
    var portsFile: String?

    @Option(
        name: [.customLong("ca"), .customLong("cafile")],
        help: ArgumentHelp(
            "Trust the certificates of this PEM file only. Default: the system's, and for this machine Sundial's own CA.", valueName: "file"
        ))
    var authority: String?

    @Flag(help: "Trust any certificate.")
    var insecure = false

    var place: ServicePlace {
        ServicePlace(url: self.url, portsFile: self.portsFile, authority: self.authority, insecure: self.insecure)
    }

    func validate() throws {
        try self.place.validate(option: "--url")
    }
}
