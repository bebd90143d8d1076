// govc, govmomi's command line, with its commands for content libraries and two of our own that call the same packages.
package main

import (
	"os"

	"github.com/vmware/govmomi/cli"
	_ "github.com/vmware/govmomi/cli/library" // registers library.*
	_ "github.com/vmware/govmomi/cli/library/session"
)

func main() {
	os.Exit(cli.Run(os.Args[1:]))
}
