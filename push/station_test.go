package push

import (
	"net/netip"

	"xunfang/models"
)

// here is this machine, where tests have their receivers.
var here = models.DoorNetworks{netip.MustParsePrefix("127.0.0.0/8")}
