package main

import (
	"net/netip"

	"xunfang/models"
)

// networks reads a comma-separated list of networks.
func (m *mistakeList) networks(setting, text string) models.DoorNetworks {
	var networks models.DoorNetworks
	for _, one := range list(text) {
		network, err := netip.ParsePrefix(one)
		if err != nil || network != network.Masked() {
			m.add(setting, "%q is not a network such as 192.168.40.0/24", one)
			continue
		}
		networks = append(networks, network)
	}
	return networks
}

// settleStationWays checks what is needed to tell the station's own systems.
func (s *settings) settleStationWays(mistakes *mistakeList) {
	s.alertNetworks = mistakes.networks("alert-networks", s.AlertNetworks)
	if s.AlertWebhooks != "" { // "": of a command that does not serve
		mistakes.oneOf("alert-webhooks", s.AlertWebhooks, "on", "off")
	}
}
