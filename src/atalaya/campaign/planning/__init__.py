"""Planning a campaign: the file read, the law asked, the ground weighed, sorties made and written."""
