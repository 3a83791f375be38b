"""The programs that the sandbox's devices have installed, as data.

A line is: name | publisher | share of workstations, of servers (percent) | days between versions
| newest version @ the part that counts up. A name with [a;b;c] stands for several programs.
Zero days means that the version never changes. Linux packages are name=version words, common first.
"""

from __future__ import annotations

WINDOWS = """
Google Chrome|Google LLC|92,40|14|142.0.7444.176@0
Microsoft Edge|Microsoft Corporation|99,95|14|142.0.3595.90@0
Microsoft Edge WebView2 Runtime|Microsoft Corporation|97,60|14|142.0.3595.90@0
Mozilla Firefox (x64 en-US)|Mozilla|38,8|28|145.0.1@0
Mozilla Maintenance Service|Mozilla|38,8|28|145.0@0
7-Zip [24.09;23.01;19.00] (x64)|Igor Pavlov|22,20|0|24.09.00.0
Notepad++ (64-bit x64)|Notepad++ Team|34,40|45|8.8.7@1
VLC media player|VideoLAN|26,2|180|3.0.21@2
Adobe Acrobat (64-bit)|Adobe|62,4|30|25.001.20844@1
Adobe Refresh Manager|Adobe Systems Incorporated|40,2|0|1.8.0
Adobe Creative Cloud|Adobe Inc.|12,0|40|6.7.0.278@1
Adobe Photoshop [2024;2025]|Adobe Inc.|6,0|60|26.11@1
Zoom Workplace (64-bit)|Zoom Communications, Inc.|66,1|21|6.6.6.19875@1
Zoom Outlook Plugin|Zoom Communications, Inc.|30,0|60|6.4.10@1
Microsoft 365 Apps for business - [en-us;de-de;es-es;fr-fr]|Microsoft Corporation|32,2|30|16.0.19328.20190@2
Microsoft 365 Apps for enterprise - [en-us;fr-fr]|Microsoft Corporation|24,2|30|16.0.19328.20190@2
Microsoft OneDrive|Microsoft Corporation|88,6|21|25.209.1026.0002@1
Microsoft Teams|Microsoft Corporation|82,2|21|25290.205.4069.4894@0
Teams Machine-Wide Installer|Microsoft Corporation|34,2|0|1.6.0.18681
Microsoft Teams Meeting Add-in for Microsoft Office|Microsoft Corporation|70,1|40|1.25.28901@1
Office 16 Click-to-Run Extensibility Component|Microsoft Corporation|80,4|30|16.0.19328.20190@2
Office 16 Click-to-Run Licensing Component|Microsoft Corporation|80,4|30|16.0.19328.20190@2
Office 16 Click-to-Run Localization Component|Microsoft Corporation|74,3|30|16.0.19328.20190@2
Microsoft Update Health Tools|Microsoft Corporation|86,5|200|5.72.0.0@1
Microsoft Visual C++ 2005 Redistributable[; (x64)]|Microsoft Corporation|28,30|0|8.0.61001
Microsoft Visual C++ 2008 Redistributable - [x86;x64] 9.0.30729.6161|Microsoft Corporation|44,48|0|9.0.30729.6161
Microsoft Visual C++ 2010 [x86;x64] Redistributable - 10.0.40219|Microsoft Corporation|52,46|0|10.0.40219
Microsoft Visual C++ 2012 Redistributable ([x86;x64]) - 11.0.61030|Microsoft Corporation|50,46|0|11.0.61030.0
Microsoft Visual C++ 2012 [x86;x64] [Additional;Minimum] Runtime - 11.0.61030|Microsoft Corporation|46,44|0|11.0.61030
Microsoft Visual C++ 2013 Redistributable ([x86;x64]) - 12.0.40664|Microsoft Corporation|56,52|0|12.0.40664.0
Microsoft Visual C++ 2013 [x86;x64] [Additional;Minimum] Runtime - 12.0.40664|Microsoft Corporation|48,46|0|12.0.40664
Microsoft Visual C++ 2015-2022 Redistributable ([x86;x64])|Microsoft Corporation|94,92|120|14.44.35211.0@1
Microsoft Visual C++ 2022 [X86;X64] [Additional;Minimum] Runtime|Microsoft Corporation|90,88|120|14.44.35211@1
Microsoft .NET Runtime - [6.0.36;8.0.21;9.0.10] (x64)|Microsoft Corporation|48,44|45|8.0.21@2
Microsoft Windows Desktop Runtime - [6.0.36;8.0.21;9.0.10] (x64)|Microsoft Corporation|58,30|45|8.0.21@2
Microsoft .NET Host[; FX Resolver] - [6.0.36;8.0.21] (x64)|Microsoft Corporation|44,38|45|8.0.21@2
Microsoft ASP.NET Core [6.0.36;8.0.21] - Shared Framework (x64)|Microsoft Corporation|8,34|45|8.0.21@2
Microsoft Silverlight|Microsoft Corporation|9,12|0|5.1.50918.0
Microsoft SQL Server 2012 Native Client|Microsoft Corporation|14,46|0|11.4.7001.0
Microsoft SQL Server [2016;2019;2022] (64-bit)|Microsoft Corporation|1,18|60|15.0.4430.1@2
SQL Server Management Studio|Microsoft Corporation|3,22|60|20.2.37.0@1
Microsoft ODBC Driver [11;13;17;18] for SQL Server|Microsoft Corporation|14,40|120|17.10.6.1@1
Microsoft OLE DB Driver for SQL Server|Microsoft Corporation|12,34|120|18.7.4.0@1
Browser for SQL Server 2019|Microsoft Corporation|1,20|0|15.0.2000.5
Microsoft Monitoring Agent|Microsoft Corporation|4,30|0|10.20.18067.0
Azure Connected Machine Agent|Microsoft Corporation|1,18|30|1.57.03203.2550@1
Microsoft Entra Connect Sync|Microsoft Corporation|0,5|90|2.5.79.0@1
Local Administrator Password Solution|Microsoft Corporation|22,24|0|6.2.0.0
NinjaRMMAgent|NinjaRMM LLC|100,100|14|10.0.5121@2
NinjaRemote|NinjaOne LLC|60,55|14|10.0.5102@2
TeamViewer|TeamViewer|14,12|30|15.71.4@1
AnyDesk|AnyDesk Software GmbH|7,4|40|ad 9.6.4@1
Splashtop Streamer|Splashtop Inc.|18,10|40|3.7.4.2@1
ScreenConnect Client|ScreenConnect Software|12,10|40|25.8.2.9420@1
Java 8 Update [202;361;421;471] (64-bit)|Oracle Corporation|7,8|0|8.0.4710.9
Eclipse Temurin JDK with Hotspot 17.0.16+8 (x64)|Eclipse Adoptium|4,7|90|17.0.16.8@2
Eclipse Temurin JRE with Hotspot 21.0.8+9 (x64)|Eclipse Adoptium|5,5|90|21.0.8.9@2
Python 3.[9;11;12].9 (64-bit)|Python Software Foundation|4,3|0|3.12.9150.0
Python Launcher|Python Software Foundation|7,4|0|3.12.9150.0
Git|The Git Development Community|9,6|60|2.51.2@1
Visual Studio Code|Microsoft Corporation|16,5|30|1.106.2@1
Visual Studio Build Tools 2022|Microsoft Corporation|3,3|40|17.14.19@1
PuTTY release 0.83 (64-bit)|Simon Tatham|12,24|200|0.83.0.0@1
WinSCP|Martin Prikryl|10,20|90|6.5.4@1
FileZilla|Tim Kosse|6,6|60|3.69.5@1
KeePass Password Safe|Dominik Reichl|7,6|120|2.59@1
Bitwarden|Bitwarden Inc.|8,1|21|2025.10.0@1
1Password|AgileBits Inc.|5,0|21|8.11.18@1
Slack (Machine - MSI)|Slack Technologies Inc.|15,0|30|4.46.101.0@1
Cisco Secure Client - AnyConnect VPN|Cisco Systems, Inc.|24,2|90|5.1.13.177@2
FortiClient VPN|Fortinet Technologies Inc|16,1|90|7.4.4.1887@2
OpenVPN [2.5.9;2.6.15] amd64|OpenVPN, Inc.|5,3|0|2.6.1501
WireGuard|WireGuard LLC|4,2|0|0.5.3
Citrix Workspace|Citrix Systems, Inc.|8,1|60|25.8.1.35@1
Dropbox|Dropbox, Inc.|9,0|21|236.4.5907@0
Google Drive|Google LLC|8,1|21|116.0.3.0@0
iTunes|Apple Inc.|4,0|90|12.13.9.1@2
Bonjour|Apple Inc.|12,4|0|3.1.0.1
Apple Software Update|Apple Inc.|4,0|0|2.7.0.3
Foxit PDF Reader|Foxit Software Inc.|9,2|60|2025.2.1.33197@1
PDF24 Creator|geek software GmbH|7,1|45|11.28.2@1
Bluebeam Revu 21|Bluebeam, Inc.|4,0|60|21.7.0@1
Autodesk AutoCAD [2023;2024;2026]|Autodesk, Inc.|3,0|90|25.1.166.0@1
Autodesk Access|Autodesk, Inc.|5,0|60|2.19.0.4@1
QuickBooks Desktop [2021;2023;2024]|Intuit Inc.|3,1|0|33.0.4011
Sage 50 Accounting|Sage|2,1|120|2025.2.0@1
Greenshot|Greenshot|8,2|0|1.3.304
paint.net|dotPDN LLC|5,1|90|5.1.11@2
GIMP|The GIMP Team|3,0|120|3.0.6@2
Audacity|Audacity Team|2,0|90|3.7.5@1
IrfanView 4.72 (64-bit)|Irfan Skiljan|4,1|200|4.72@1
LibreOffice 25.8|The Document Foundation|3,0|60|25.8.3.2@2
OBS Studio|OBS Project|3,0|90|32.0.2@0
Webex|Cisco Systems, Inc|9,0|30|45.11.0.33461@1
GoTo Opener|GoTo Group, Inc.|7,1|0|1.0.626
Power BI Desktop (x64)|Microsoft Corporation|5,1|30|2.149.1054.0@1
Microsoft Intune Management Extension|Microsoft Corporation|36,0|40|1.95.102.0@1
Company Portal|Microsoft Corporation|20,0|60|11.2.1787.0@2
Windows PC Health Check|Microsoft Corporation|34,0|0|3.9.2402.14001
Microsoft GameInput|Microsoft Corporation|40,12|0|10.1.22621.3036
Windows Subsystem for Linux|Microsoft Corporation|6,1|60|2.6.1.0@1
PowerShell 7-x64|Microsoft Corporation|9,18|45|7.5.4.0@2
Docker Desktop|Docker Inc.|4,0|30|4.52.0@1
Node.js|Node.js Foundation|4,2|40|22.21.1@1
Dell SupportAssist|Dell Inc.|26,0|60|4.9.3.26847@1
Dell SupportAssist OS Recovery Plugin for Dell Update|Dell Inc.|24,0|60|5.5.14.8@2
Dell Command Update for Windows Universal|Dell Inc.|20,0|90|5.5.0@1
Dell Trusted Device Agent|Dell Inc.|12,0|90|7.2.108.0@1
HP Support Assistant|HP Inc.|12,0|90|9.47.41.0@1
HP Wolf Security|HP Inc.|7,0|60|4.4.25.1@2
Lenovo System Update|Lenovo|10,0|90|5.08.03.59@2
Lenovo Vantage Service|Lenovo Group Ltd.|14,0|60|4.3.37.0@2
Dell OpenManage Server Administrator|Dell Inc.|0,20|120|11.1.0.0@1
HPE Agentless Management Service|Hewlett Packard Enterprise|0,14|120|3.10.0.0@1
VMware Tools|VMware, Inc.|6,52|90|13.0.5.24915695@2
QEMU guest agent|Red Hat, Inc.|0,4|0|109.1.0
Intel(R) Graphics Driver|Intel Corporation|58,4|60|32.0.101.7082@3
Intel(R) Management Engine Components|Intel Corporation|56,10|120|2540.8.9.0@0
Intel(R) Chipset Device Software|Intel(R) Corporation|50,16|0|10.1.20314.8688
Intel(R) Rapid Storage Technology|Intel Corporation|28,10|0|20.2.6.1025
Intel(R) Serial IO|Intel Corporation|26,0|0|30.100.2417.30
Intel(R) Wireless Bluetooth(R)|Intel Corporation|44,0|60|24.0.2.1@1
Intel(R) PROSet/Wireless Software|Intel Corporation|38,0|60|24.0.2@1
Intel(R) Computing Improvement Program|Intel Corporation|20,0|90|2.4.11011@1
Realtek High Definition Audio Driver|Realtek Semiconductor Corp.|52,2|120|6.0.9880.1@2
Realtek Ethernet Controller Driver|Realtek|30,2|0|11.21.0903.2024
Realtek Card Reader|Realtek Semiconductor Corp.|26,0|0|10.0.26100.21374
NVIDIA Graphics Driver [551.86;572.83;581.57]|NVIDIA Corporation|5,1|0|581.57
NVIDIA PhysX System Software|NVIDIA Corporation|8,0|0|9.23.1019
AMD Software|Advanced Micro Devices, Inc.|8,1|60|25.10.2@1
Synaptics Pointing Device Driver|Synaptics Incorporated|14,0|0|19.5.35.40
Waves MaxxAudio Pro|Waves Audio Ltd.|16,0|0|1.1.131.0
Logi Options+|Logitech|12,0|40|1.97.7@1
Logitech Unifying Software|Logitech|8,0|0|2.52.33
Jabra Direct|GN Audio A/S|6,0|60|6.24.2@1
Poly Lens Desktop|HP Inc.|4,0|60|2.3.2@1
DisplayLink Graphics|Synaptics Incorporated|16,0|90|12.0.18@1
Brother iPrint&Scan|Brother Industries, Ltd.|6,0|60|13.4.0.4@1
HP Smart|HP Inc.|9,0|40|165.2.1057.0@0
Canon MF Scan Utility|CANON INC.|3,0|0|2.11.0
Kyocera Product Library|KYOCERA Document Solutions Inc.|5,2|0|8.2.1120
ESET Endpoint Antivirus|ESET, spol. s r.o.|5,4|60|12.1.2066.0@1
Bitdefender Endpoint Security Tools|Bitdefender|32,30|30|7.9.22.537@2
Sentinel Agent|SentinelOne, Inc.|20,22|40|24.2.3.471@2
Malwarebytes version 5.4.1|Malwarebytes|5,2|60|5.4.1.214@1
McAfee WebAdvisor|McAfee, LLC|4,0|60|4.1.1.1029@3
Webroot SecureAnywhere|Webroot|3,3|60|9.0.39.55@2
Huntress Agent|Huntress Labs Inc.|18,20|40|0.14.158@1
Duo Authentication for Windows Logon x64|Duo Security, Inc.|8,18|120|5.1.1.1102@1
Veeam Agent for Microsoft Windows|Veeam Software Group GmbH|3,14|90|13.0.0.4961@0
Veeam Backup & Replication Console|Veeam Software Group GmbH|1,6|90|12.3.2.4165@1
Acronis Cyber Protect|Acronis|3,4|60|25.10.41072@1
CrystalDiskInfo|Crystal Dew World|2,1|60|9.7.2@1
TreeSize Free V4.7|JAM Software|4,8|90|4.7.3@1
Everything 1.4.1 (x64)|voidtools|5,6|0|1.4.1.1028
Sysinternals Suite|Microsoft Corporation|3,6|0|2025.6
Wireshark 4.6 x64|The Wireshark developer community|3,5|60|4.6.1@1
Npcap|Nmap Project|3,5|120|1.84@1
Advanced IP Scanner 2.5|Famatech|4,4|0|2.5.4594
RVTools|Dell|1,3|120|4.7.1@1
Remote Desktop Connection Manager|Microsoft Corporation|2,6|0|2.93
Microsoft Policy Platform|Microsoft Corporation|7,5|0|68.1.9086.1017
Configuration Manager Client|Microsoft Corporation|7,7|120|5.00.9135.1000@2
Microsoft Visual Studio 2010 Tools for Office Runtime (x64)|Microsoft Corporation|36,6|0|10.0.60917
Microsoft Access database engine 2016 (English)|Microsoft Corporation|8,8|0|16.0.5044.1000
Microsoft Report Viewer 2015 Runtime|Microsoft Corporation|6,14|0|12.0.2402.15
Microsoft System CLR Types for SQL Server [2012;2014;2016;2019]|Microsoft Corporation|7,22|0|13.0.5026.0
Microsoft VSS Writer for SQL Server 2019|Microsoft Corporation|1,18|0|15.0.2000.5
IIS URL Rewrite Module 2|Microsoft Corporation|1,14|0|7.2.1993
Microsoft Web Deploy 4.0|Microsoft Corporation|1,8|0|10.0.2001
Windows SDK AddOn|Microsoft Corporation|5,2|0|10.1.0.0
Windows Software Development Kit - Windows 10.0.22621.5040|Microsoft Corporation|3,1|0|10.1.22621.5040
Microsoft Windows Driver Kit|Microsoft Corporation|1,1|0|10.1.22621.382
vcpp_crt.redist.clickonce|Microsoft Corporation|4,2|0|14.44.35211
Snagit [2022;2024]|TechSmith Corporation|4,0|90|24.3.3@1
Grammarly for Windows|Grammarly|7,0|21|1.2.219.1782@2
Spotify|Spotify AB|8,0|21|1.2.76.298@2
Steam|Valve Corporation|2,0|0|2.10.91.91
WinRAR [6.02;7.01;7.13] (64-bit)|win.rar GmbH|5,3|0|7.13.0
CCleaner|Piriform Software Ltd|4,1|45|7.00@0
Evernote|Evernote Corporation|3,0|40|10.162.4@1
Egnyte Desktop App|Egnyte Inc|4,0|60|3.29.4@1
ShareFile for Windows|Progress Software Corporation|3,0|60|25.9.9.0@1
RingCentral|RingCentral, Inc.|7,0|40|25.4.20.6451@1
3CX Desktop App|3CX Ltd.|4,0|60|20.0.875@2
Ringdale Print Agent|Ringdale|1,1|0|7.2.3
PaperCut Print Deploy Client|PaperCut Software Pty Ltd|6,1|90|1.9.2880@1
Papercut MF Client|PaperCut Software Pty Ltd|6,1|90|25.0.4@2
"""

MAC = """
Google Chrome|Google LLC|84|14|142.0.7444.176@0
Firefox|Mozilla|30|28|145.0.1@0
Safari|Apple Inc.|99|40|26.1@1
Microsoft [Word;Excel;PowerPoint;Outlook]|Microsoft Corporation|78|30|16.103.25110922@1
Microsoft OneNote|Microsoft Corporation|60|30|16.103@1
Microsoft Teams|Microsoft Corporation|74|21|25290.203.4069@0
OneDrive|Microsoft Corporation|66|21|25.209.1026@1
Microsoft AutoUpdate|Microsoft Corporation|78|40|4.81@1
Microsoft Defender|Microsoft Corporation|20|30|101.25092.0005@1
Company Portal|Microsoft Corporation|22|40|5.2511.0@1
zoom.us|Zoom Communications, Inc.|72|21|6.6.6@1
Slack|Slack Technologies Inc.|44|30|4.46.104@1
Adobe Acrobat|Adobe|32|30|25.001.20844@1
Adobe Creative Cloud|Adobe Inc.|28|40|6.7.0.278@1
Adobe [Photoshop;Illustrator;InDesign;Lightroom Classic] 2025|Adobe Inc.|14|60|26.11@1
Spotify|Spotify AB|24|21|1.2.76.298@2
Dropbox|Dropbox, Inc.|16|21|236.4.5907@0
Google Drive|Google LLC|20|21|116.0@0
1Password|AgileBits Inc.|18|21|8.11.18@1
Bitwarden|Bitwarden Inc.|8|21|2025.10.0@1
Visual Studio Code|Microsoft Corporation|22|30|1.106.2@1
iTerm2|George Nachman|9|60|3.6.5@1
Xcode|Apple Inc.|9|60|26.1@1
Docker|Docker Inc.|8|30|4.52.0@1
Postman|Postman, Inc.|5|30|11.72.2@1
Rectangle|Ryan Hanson|9|60|0.90@1
VLC|VideoLAN|14|120|3.0.21@2
NinjaRMMAgent|NinjaRMM LLC|100|14|10.0.5121@2
SentinelAgent|SentinelOne, Inc.|20|40|24.3.1@1
Huntress|Huntress Labs Inc.|16|40|0.14.158@1
Cisco Secure Client|Cisco Systems, Inc.|18|90|5.1.13@2
FortiClient|Fortinet|8|90|7.4.4@2
TeamViewer|TeamViewer|8|30|15.71.4@1
Splashtop Streamer|Splashtop Inc.|14|40|3.7.4@1
Figma|Figma, Inc.|12|30|125.10.8@1
Notion|Notion Labs, Inc.|10|30|4.22.0@1
Grammarly Desktop|Grammarly|8|21|1.139.1@1
Logi Options+|Logitech|14|40|1.97.7@1
DisplayLink Manager|Synaptics|6|60|14.1@1
HP Smart|HP Inc.|8|40|16.5@1
The Unarchiver|MacPaw Inc.|7|90|4.3.9@2
Parallels Desktop|Parallels|4|60|26.1.1@1
[Pages;Numbers;Keynote;GarageBand;iMovie]|Apple Inc.|80|90|14.4@1
[App Store;Automator;Books;Calculator;Calendar;Chess;Clock;Contacts;Dictionary;FaceTime;Find My;Font Book;Freeform;Home;Image Capture;Mail;Maps;Messages;Mission Control;Music;News;Notes;Photo Booth;Photos;Podcasts;Preview;QuickTime Player;Reminders;Shortcuts;Siri;Stickies;Stocks;System Settings;TextEdit;Time Machine;Tips;TV;Voice Memos;Weather]|Apple Inc.|97|0|1.0
[Activity Monitor;AirPort Utility;Audio MIDI Setup;Bluetooth File Exchange;Boot Camp Assistant;ColorSync Utility;Console;Digital Color Meter;Disk Utility;Grapher;Keychain Access;Migration Assistant;Screenshot;Script Editor;System Information;Terminal;VoiceOver Utility;Directory Utility;Feedback Assistant;Ticket Viewer;Wireless Diagnostics;Archive Utility;Screen Sharing;Print Center]|Apple Inc.|96|0|2.0
"""

LINUX = """
apt=2.7.14 base-files=13.5 bash=5.2.21 bind9-host=9.18.39 bsdutils=2.39.3 busybox=1.36.1
bzip2=1.0.8 ca-certificates=20240203 cloud-init=25.2 coreutils=9.4 cpio=2.15 cron=3.0
cryptsetup=2.7.0 curl=8.5.0 dash=0.5.12 dbus=1.14.10 debconf=1.5.86 diffutils=3.10 dmidecode=3.5
dmsetup=1.02.185 dnsutils=9.18.39 dpkg=1.22.6 e2fsprogs=1.47.0 eject=2.39.3 ethtool=6.7
fdisk=2.39.3 file=5.45 findutils=4.9.0 fuse3=3.14.0 gawk=5.2.1 gcc-14-base=14.2.0
gettext-base=0.21 gnupg=2.4.4 grep=3.11 grub-common=2.12 grub-efi-amd64=2.12 gzip=1.12 hdparm=9.65
hostname=3.23 htop=3.3.0 init=1.66 initramfs-tools=0.142 iproute2=6.1.0 iptables=1.8.10
iputils-ping=20240117 jq=1.7.1 kbd=2.6.4 keyutils=1.6.3 klibc-utils=2.0.13 kmod=31 kpartx=0.9.4
krb5-locales=1.20.1 less=590 libacl1=2.3.2 libapparmor1=4.0.1 libapt-pkg6=2.7.14 libattr1=2.5.2
libaudit1=3.1.2 libblkid1=2.39.3 libbz2=1.0.8 libc-bin=2.39 libc6=2.39 libcap2=2.66
libcom-err2=1.47.0 libcrypt1=4.4.36 libcryptsetup12=2.7.0 libcurl4=8.5.0 libdb5.3=5.3.28
libdbus-1=1.14.10 libdevmapper1=1.02.185 libedit2=3.1 libelf1=0.190 libexpat1=2.6.1
libext2fs2=1.47.0 libfdisk1=2.39.3 libffi8=3.4.6 libfreetype6=2.13.2 libfuse3=3.14.0
libgcc-s1=14.2.0 libgcrypt20=1.10.3 libglib2.0=2.80.0 libgmp10=6.3.0 libgnutls30=3.8.3
libgpg-error0=1.47 libgssapi-krb5=1.20.1 libhogweed6=3.9.1 libidn2=2.3.7 libisns0=0.101
libjson-c5=0.17 libk5crypto3=1.20.1 libkeyutils1=1.6.3 libkmod2=31 libkrb5=1.20.1 libldap2=2.6.7
liblz4=1.9.4 liblzma5=5.4.5 libmagic1=5.45 libmnl0=1.0.5 libmount1=2.39.3 libncurses6=6.4
libnetfilter-conntrack3=1.0.9 libnettle8=3.9.1 libnftables1=1.0.9 libnghttp2=1.59.0 libnl-3=3.7.0
libp11-kit0=0.25.3 libpam0g=1.5.3 libpcap0=1.10.4 libpci3=3.10.0 libpcre2=10.42 libperl5=5.38.2
libpng16=1.6.43 libpolkit=124 libproc2=4.0.4 libpsl5=0.21.2 libpython3=3.12.3 libreadline8=8.2
libsasl2=2.1.28 libseccomp2=2.5.5 libselinux1=3.5 libsqlite3=3.45.1 libssh=0.10.6 libssl3=3.0.13
libstdc++6=14.2.0 libsystemd0=255.4 libtasn1=4.19.0 libtinfo6=6.4 libudev1=255.4 libunistring5=1.1
libusb-1.0=1.0.27 libuuid1=2.39.3 libuv1=1.48.0 libxml2=2.9.14 libxtables12=1.8.10 libyaml0=0.2.5
libzstd1=1.5.5 linux-firmware=20240318 linux-headers-generic=6.8.0 linux-image-generic=6.8.0
locales=2.39 login=4.13 logrotate=3.21.0 logsave=1.47.0 lsb-release=12.0 lshw=02.19 lsof=4.95.0
lvm2=2.03.16 man-db=2.12.0 mdadm=4.3 mount=2.39.3 multipath-tools=0.9.4 nano=7.2 ncurses-base=6.4
netbase=6.4 netplan.io=1.0 networkd-dispatcher=2.2.4 nftables=1.0.9 ninjarmm-agent=10.0.5121
ntfs-3g=2022.10.3 open-vm-tools=12.4.0 openssh-client=9.6 openssh-server=9.6 openssl=3.0.13
parted=3.6 passwd=4.13 patch=2.7.6 pci.ids=0.0 pciutils=3.10.0 perl=5.38.2 plymouth=24.004
polkitd=124 procps=4.0.4 psmisc=23.7 publicsuffix=20231001 python3=3.12.3 python3-apt=2.7.7
python3-cryptography=41.0.7 python3-jinja2=3.1.2 python3-requests=2.31.0 python3-setuptools=68.1.2
python3-yaml=6.0.1 readline-common=8.2 rsync=3.2.7 rsyslog=8.2312.0 screen=4.9.1 sed=4.9
shared-mime-info=2.4 snapd=2.67.1 sosreport=4.8.2 squashfs-tools=4.6.1 strace=6.8 sudo=1.9.15
systemd=255.4 systemd-timesyncd=255.4 sysstat=12.6.1 tar=1.35 tcpdump=4.99.4 telnet=0.17 time=1.9
tmux=3.4 tzdata=2025b ubuntu-minimal=1.539 ufw=0.36.2 unattended-upgrades=2.9.1 unzip=6.0
usbutils=017 util-linux=2.39.3 uuid-runtime=2.39.3 vim=9.1.0016 wget=1.21.4 whiptail=0.52.24
xfsprogs=6.6.0 xxd=9.1.0016 xz-utils=5.4.5 zlib1g=1.3 zstd=1.5.5 nginx=1.24.0 apache2=2.4.58
mysql-server=8.0.43 postgresql-16=16.10 redis-server=7.0.15 docker-ce=28.5.2 containerd.io=1.7.28
php8.3-fpm=8.3.6 nodejs=18.19.1 default-jre-headless=1.17 samba=4.19.5 nfs-kernel-server=2.6.4
haproxy=2.8.5 fail2ban=1.0.2 prometheus-node-exporter=1.7.0 zabbix-agent=6.0.42 bind9=9.18.39
postfix=3.8.6 git=2.43.0 build-essential=12.10 gcc=13.2.0 make=4.3 golang-go=1.22 certbot=2.9.0
"""

# Programs for Windows that nobody has at first: name | publisher | share of workstations | version.
NEWCOMERS = """
Obsidian|Obsidian|12|1.9.14
Zen Browser (x64)|Zen OSS Team|9|1.17.8
LM Studio|LM Studio|7|0.3.30
Arc|The Browser Company|10|1.74.0.319
Raycast|Raycast Technologies Inc.|11|0.31.0.0
Linear|Linear Orbit, Inc.|14|1.27.4
Warp|Denver Technologies, Inc|8|0.2025.10.29
Loom|Loom, Inc.|16|0.318.0
ClickUp|ClickUp|13|3.5.138
Todoist|Doist|9|9.23.0
Krisp|Krisp Technologies, Inc.|12|3.10.7
Bruno|Bruno Software Inc.|6|2.14.0
Insomnia|Kong Inc.|6|12.0.0
Rancher Desktop|SUSE|5|1.20.0
Beyond Compare|Scooter Software|8|5.1.6.31527
Everything|voidtools|15|1.4.1.1029
WinDirStat|WinDirStat Team|10|2.2.2.0
ShareX|ShareX Team|12|18.0.1
Flameshot|Flameshot|7|13.3.0
Excalidraw|Excalidraw s.r.o.|6|0.18.0
Tabby|Eugene Pankov|5|1.0.228
Syncthing Tray|Martchus|5|2.0.5
"""
