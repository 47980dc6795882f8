"""The project: settings, servers, processes.  Nothing about petitions is in here."""
