package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/vmware/govmomi/cli"
	"github.com/vmware/govmomi/cli/flags"
	"github.com/vmware/govmomi/vapi/library"
)

// ends opens download sessions on an item, ends each in another way, and prints what has become of it.
type ends struct {
	*flags.ClientFlag
}

func init() {
	cli.Register("carrel.ends", &ends{})
}

func (cmd *ends) Register(ctx context.Context, f *flag.FlagSet) {
	cmd.ClientFlag, ctx = flags.NewClientFlag(ctx)
	cmd.ClientFlag.Register(ctx, f)
}

func (cmd *ends) Usage() string {
	return "ITEM"
}

func (cmd *ends) Run(ctx context.Context, f *flag.FlagSet) error {
	c, err := cmd.RestClient()
	if err != nil {
		return err
	}
	m := library.NewManager(c)
	item, err := flags.ContentLibraryItem(ctx, c, f.Arg(0))
	if err != nil {
		return err
	}
	for _, end := range []struct {
		name string
		call func(context.Context, string) error
	}{
		{"keep-alive", m.KeepAliveLibraryItemDownloadSession},
		{"cancel", m.CancelLibraryItemDownloadSession},
		{"fail", m.FailLibraryItemDownloadSession},
		{"delete", m.DeleteLibraryItemDownloadSession},
	} {
		session, err := m.CreateLibraryItemDownloadSession(ctx, library.Session{LibraryItemID: item.ID})
		if err != nil {
			return err
		}
		if err := end.call(ctx, session); err != nil {
			fmt.Printf("%s: %s\n", end.name, err)
		}
		if left, err := m.GetLibraryItemDownloadSession(ctx, session); err == nil {
			fmt.Printf("%s: %s\n", end.name, left.State)
			if err := m.DeleteLibraryItemDownloadSession(ctx, session); err != nil {
				return err
			}
		} else {
			fmt.Printf("%s: gone\n", end.name)
		}
	}
	return nil
}
