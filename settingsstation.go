package main

import (
	"net/netip"
	"slices"
	"strings"

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
	s.settleAlertTemplates(mistakes)
	s.alertNetworks = mistakes.networks("alert-networks", s.AlertNetworks)
	mistakes.oneOf("alert-webhooks", s.AlertWebhooks, "on", "off")
	s.settleVoice(mistakes)
}

// settleAlertTemplates reads which template tells of which severity.
func (s *settings) settleAlertTemplates(mistakes *mistakeList) {
	s.alertTemplates = map[string]string{}
	for _, one := range list(s.SMSAlertTemplates) {
		severity, template, _ := strings.Cut(one, "=")
		if !slices.Contains(models.Severities, severity) || template == "" || strings.Trim(template, "0123456789") != "" {
			mistakes.add("sms-alert-templates", "%q is not a severity and the number of a template such as high=1234", one)
			continue
		}
		s.alertTemplates[severity] = template
	}
	if len(s.alertTemplates) > 0 && s.SMS != "tencent" {
		mistakes.add("sms-alert-templates", "needs --sms=tencent")
	}
}
