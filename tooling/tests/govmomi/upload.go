package main

import (
	"context"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/vmware/govmomi/cli"
	"github.com/vmware/govmomi/cli/flags"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"
)

// upload does what library.import does, which cannot be used here, because it requires a SOAP login.
type upload struct {
	*flags.ClientFlag
}

func init() {
	cli.Register("carrel.upload", &upload{})
}

func (cmd *upload) Register(ctx context.Context, f *flag.FlagSet) {
	cmd.ClientFlag, ctx = flags.NewClientFlag(ctx)
	cmd.ClientFlag.Register(ctx, f)
}

func (cmd *upload) Usage() string {
	return "LIBRARY ITEM FILE [SHA256]"
}

func (cmd *upload) Run(ctx context.Context, f *flag.FlagSet) error {
	c, err := cmd.RestClient()
	if err != nil {
		return err
	}
	m := library.NewManager(c)
	lib, err := flags.ContentLibrary(ctx, c, f.Arg(0))
	if err != nil {
		return err
	}
	item, err := m.CreateLibraryItem(ctx, library.Item{LibraryID: lib.ID, Name: f.Arg(1), Type: library.ItemTypeISO})
	if err != nil {
		return err
	}
	session, err := m.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: item})
	if err != nil {
		return err
	}
	if err := push(ctx, m, session, f.Arg(2), f.Arg(3)); err != nil {
		return err
	}
	if err := m.CompleteLibraryItemUpdateSession(ctx, session); err != nil {
		return err
	}
	if err := m.WaitOnLibraryItemUpdateSession(ctx, session, time.Millisecond, nil); err != nil {
		return err
	}
	return m.DeleteLibraryItemUpdateSession(ctx, session)
}

func push(ctx context.Context, m *library.Manager, session, path, sha256 string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	spec := library.UpdateFile{Name: filepath.Base(path), SourceType: "PUSH", Size: stat.Size()}
	if sha256 != "" {
		spec.Checksum = &library.Checksum{Algorithm: "SHA256", Checksum: sha256}
	}
	added, err := m.AddLibraryItemFile(ctx, session, spec)
	if err != nil {
		return err
	}
	target, err := url.Parse(added.UploadEndpoint.URI)
	if err != nil {
		return err
	}
	parameters := soap.DefaultUpload
	parameters.ContentLength = stat.Size()
	if err := m.Upload(ctx, file, target, &parameters); err != nil {
		return err
	}
	return m.KeepAliveLibraryItemUpdateSession(ctx, session)
}
